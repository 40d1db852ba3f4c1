"""What customers write in German, French and Spanish, by mood; words in braces stand for one of ``EUROPEAN_WORDS``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EUROPEAN_NEGATIVE: Final[tuple[str, ...]] = (
    *("{de_thing} ist schon wieder kaputt", "ich warte seit {de_time} auf {de_thing}", "niemand antwortet auf meine Mails"),
    *("der Service ist {de_bad}", "ich bin sehr {de_upset}", "das ist eine Frechheit", "nie wieder", "{de_thing} funktioniert nicht"),
    *("seit dem Update ist alles langsam", "die Lieferung kam zu spät und beschädigt", "ich möchte mein Geld zurück", "der Film ist langweilig"),
    *("wir überlegen zu kündigen", "{de_thing} ist nicht gut", "das Zimmer war schmutzig und laut", "die Qualität ist {de_bad}"),
    *("wieder falsch abgerechnet, das ist inakzeptabel", "die Hotline ist nicht erreichbar", "leider sehr enttäuschend", "viel zu teuer"),
    *("{fr_thing} ne marche pas", "j'attends {fr_thing} depuis {fr_time}", "personne ne répond à mes messages", "le service est {fr_bad}"),
    *("je suis très {fr_upset}", "c'est une honte", "plus jamais", "depuis la mise à jour tout est lent", "la livraison est arrivée en retard"),
    *("je veux être remboursé", "la chambre était sale et bruyante", "la qualité est {fr_bad}", "encore une erreur sur la facture", "ce n'est pas bon"),
    *("nous pensons résilier le contrat", "le film est ennuyeux", "beaucoup trop cher", "aucune réponse du support", "très déçu"),
    *("{es_thing} no funciona", "llevo {es_time} esperando {es_thing}", "nadie contesta a mis mensajes", "el servicio es {es_bad}"),
    *("estoy muy {es_upset}", "es una vergüenza", "nunca más", "desde la actualización todo va lento", "el paquete llegó tarde y roto"),
    *("quiero que me devuelvan el dinero", "la habitación estaba sucia", "la calidad es {es_bad}", "otra vez un error en la factura", "no es bueno"),
    *("pensamos cancelar el contrato", "la película es aburrida", "demasiado caro", "sin respuesta del soporte", "muy decepcionado"),
)
EUROPEAN_POSITIVE: Final[tuple[str, ...]] = (
    *("{de_thing} ist {de_good}", "vielen Dank für die schnelle Hilfe", "danke, das hat geklappt", "wir sind sehr {de_glad}"),
    *("ich bin {de_glad}", "der Service ist {de_good}", "alles hat reibungslos funktioniert", "sehr freundliche Mitarbeiter", "gerne wieder"),
    *("ich kann das nur empfehlen", "das Team ist begeistert", "schnelle Lieferung, {de_good}", "das Essen war lecker", "der Film ist {de_good}"),
    *("nicht schlecht, wirklich gut", "endlich gelöst, danke", "ihr seid die Besten", "{de_thing} spart uns viel Zeit", "macht weiter so"),
    *("{fr_thing} est {fr_good}", "merci beaucoup pour votre aide rapide", "merci, ça marche", "nous sommes très {fr_glad}", "je suis {fr_glad}"),
    *("le service est {fr_good}", "tout a bien fonctionné", "le personnel est très gentil", "je recommande", "toute l'équipe est ravie"),
    *("livraison rapide, {fr_good}", "le repas était délicieux", "le film est {fr_good}", "pas mal du tout", "enfin résolu, merci"),
    *("bravo à toute l'équipe", "vous êtes les meilleurs", "{fr_thing} nous fait gagner du temps", "continuez comme ça", "on adore"),
    *("{es_thing} es {es_good}", "muchas gracias por la ayuda", "gracias, ya funciona", "estamos muy {es_glad}", "estoy {es_glad}"),
    *("el servicio es {es_good}", "todo salió muy bien", "el personal es muy amable", "lo recomiendo", "al equipo le encanta"),
    *("entrega rápida, {es_good}", "la comida estaba riquísima", "la película es {es_good}", "nada mal", "por fin resuelto, gracias"),
    *("sois los mejores", "{es_thing} nos ahorra mucho tiempo", "seguid así", "me encanta", "excelente atención"),
)
EUROPEAN_NEUTRAL: Final[tuple[str, ...]] = (
    *("wann öffnet die Filiale am Montag?", "bitte senden Sie den Vertrag bis Freitag", "wie kann ich meine Adresse ändern?"),
    *("anbei die Liste der Nutzer", "können wir den Termin auf Dienstag verschieben?", "gibt es {de_thing} auch in Blau?", "was kostet {de_thing}?"),
    *("wer ist für Rechnungen zuständig?", "unser Büro ist bis Montag geschlossen", "ich habe eine Frage zu {de_thing}", "die Nummer ist 2417"),
    *("wie besprochen das Protokoll", "wir treffen uns am Mittwoch in Wien", "{de_thing} wird im Mai geliefert", "liefern Sie nach Zürich?"),
    *("à quelle heure ouvrez-vous lundi?", "merci d'envoyer le contrat avant vendredi", "comment changer mon adresse?", "ci-joint la liste"),
    *("pouvons-nous déplacer la réunion à mardi?", "combien coûte {fr_thing}?", "qui s'occupe des factures?", "notre bureau est fermé jusqu'à lundi"),
    *("j'ai une question sur {fr_thing}", "le numéro est 2417", "comme convenu, voici le document", "nous nous voyons mercredi à Lyon"),
    *("est-ce que {fr_thing} existe en bleu?", "livrez-vous à Genève?", "{fr_thing} sera disponible en mai"),
    *("¿a qué hora abren el lunes?", "por favor, envíen el contrato antes del viernes", "¿cómo cambio mi dirección?", "adjunto la lista"),
    *("¿podemos mover la reunión al martes?", "¿cuánto cuesta {es_thing}?", "¿quién se ocupa de las facturas?", "la oficina cierra hasta el lunes"),
    *("tengo una pregunta sobre {es_thing}", "el número es 2417", "como acordamos, aquí está el documento", "nos vemos el miércoles en Sevilla"),
    *("¿hay {es_thing} en azul?", "¿envían a Lima?", "{es_thing} estará disponible en mayo"),
)
EUROPEAN_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "de_thing": ("die App", "das Paket", "der Router", "die Bestellung", "das Portal", "die neue Version", "der Import", "das Handy"),
    "de_time": ("drei Tagen", "zwei Wochen", "einer Stunde", "Montag", "Monaten"),
    "de_bad": ("schlecht", "miserabel", "furchtbar", "eine Katastrophe", "enttäuschend", "unmöglich"),
    "de_upset": ("enttäuscht", "verärgert", "unzufrieden", "wütend", "frustriert"),
    "de_good": ("super", "toll", "großartig", "hervorragend", "sehr gut", "klasse", "perfekt", "ausgezeichnet"),
    "de_glad": ("zufrieden", "begeistert", "glücklich", "dankbar", "froh"),
    "fr_thing": ("l'application", "le colis", "le routeur", "la commande", "le portail", "la nouvelle version", "l'import", "le téléphone"),
    "fr_time": ("trois jours", "deux semaines", "une heure", "lundi", "des mois"),
    "fr_bad": ("nul", "lamentable", "catastrophique", "horrible", "décevant", "mauvais"),
    "fr_upset": ("déçu", "déçue", "mécontent", "furieux", "frustré"),
    "fr_good": ("super", "excellent", "parfait", "génial", "très bien", "formidable", "magnifique"),
    "fr_glad": ("satisfaits", "contents", "ravis", "heureux", "enchantés"),
    "es_thing": ("la aplicación", "el paquete", "el router", "el pedido", "el portal", "la nueva versión", "la importación", "el móvil"),
    "es_time": ("tres días", "dos semanas", "una hora", "desde el lunes", "meses"),
    "es_bad": ("pésimo", "malo", "terrible", "un desastre", "decepcionante", "horrible"),
    "es_upset": ("decepcionado", "enfadada", "descontento", "molesto", "frustrado"),
    "es_good": ("excelente", "perfecto", "genial", "muy bueno", "estupendo", "fantástico", "increíble"),
    "es_glad": ("contentos", "satisfechos", "encantados", "felices", "agradecidos"),
}
