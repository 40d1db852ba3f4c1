"""What some customers of the sample CRM write in German, French and Spanish."""

from hotcrm_ai.sample_crm.phrases import NEGATIVE, NEUTRAL, POSITIVE, PhraseBook

GERMAN = PhraseBook(
    language="de",
    greetings=("Guten Tag", "Hallo", "Liebes Team"),
    answer_greeting="Guten Tag",
    closings=("Mit freundlichen Grüßen", "Viele Grüße", "Beste Grüße"),
    subjects=("{Thing}", "Rückfrage", "Unser Konto"),
    sentences={
        POSITIVE: (
            "{Thing} funktioniert {good}.",
            "Wir sind {glad}.",
            "{Thing} spart uns jede Woche viel Zeit.",
            "Vielen Dank, die Hilfe war {good}.",
            "Alle im Team arbeiten gern damit.",
            "Wir empfehlen Sie gern weiter.",
        ),
        NEGATIVE: (
            "{Thing} funktioniert {bad}.",
            "Wir sind {unhappy}.",
            "{Thing} kostet uns jede Woche viel Zeit.",
            "{Thing} funktioniert schon wieder nicht.",
            "Seit Tagen antwortet niemand auf unsere Frage.",
            "So können wir nicht arbeiten, wir denken an eine Kündigung.",
        ),
        NEUTRAL: (
            "Bitte senden Sie uns den Vertrag bis Freitag.",
            "Können wir den Termin auf Dienstag verschieben?",
            "Im Anhang finden Sie die Liste der Nutzer.",
            "Wer ist bei Ihnen für Rechnungen zuständig?",
            "Ab nächstem Monat gilt unsere neue Anschrift.",
        ),
    },
    words={
        "thing": ("die Auswertung", "der Import", "die Suche", "das Portal", "die Schnittstelle", "der Kalender"),
        "good": ("sehr gut", "hervorragend", "wunderbar", "einwandfrei", "ausgezeichnet"),
        "bad": ("sehr schlecht", "viel zu langsam", "überhaupt nicht", "nur mit Fehlern", "leider kaum"),
        "glad": ("sehr zufrieden", "begeistert", "rundum glücklich"),
        "unhappy": ("sehr unzufrieden", "enttäuscht", "verärgert"),
    },
    replies=("Vielen Dank für Ihre Nachricht, wir melden uns bis Freitag.", "Anbei die gewünschten Unterlagen."),
)

FRENCH = PhraseBook(
    language="fr",
    greetings=("Bonjour", "Bonjour à tous", "Chère équipe"),
    answer_greeting="Bonjour",
    closings=("Cordialement", "Bien à vous", "Meilleures salutations"),
    subjects=("{Thing}", "Question", "Notre compte"),
    sentences={
        POSITIVE: (
            "{Thing} fonctionne {good}.",
            "Nous sommes {glad}.",
            "{Thing} nous fait gagner beaucoup de temps.",
            "Merci beaucoup, votre aide nous a été précieuse.",
            "Toute l'équipe est ravie.",
            "Nous vous recommandons volontiers.",
        ),
        NEGATIVE: (
            "{Thing} fonctionne {bad}.",
            "Nous sommes {unhappy}.",
            "{Thing} nous fait perdre beaucoup de temps.",
            "Encore une panne, c'est inacceptable.",
            "Personne ne répond à nos questions depuis lundi.",
            "Nous pensons à résilier notre contrat.",
        ),
        NEUTRAL: (
            "Merci de nous envoyer le contrat avant vendredi.",
            "Pouvons-nous déplacer la réunion à mardi ?",
            "Vous trouverez la facture en pièce jointe.",
            "Qui est responsable des licences chez vous ?",
            "Notre adresse change le mois prochain.",
        ),
    },
    words={
        "thing": ("le tableau de bord", "la recherche", "l'import", "le portail", "la nouvelle version", "l'agenda"),
        "good": ("très bien", "parfaitement", "à merveille", "sans aucun problème"),
        "bad": ("très mal", "beaucoup trop lentement", "une fois sur deux", "avec des erreurs partout"),
        "glad": ("très satisfaits", "enchantés", "ravis du service"),
        "unhappy": ("très déçus", "mécontents", "fâchés", "vraiment insatisfaits"),
    },
    replies=("Merci de votre message, nous revenons vers vous avant vendredi.", "Voici le document demandé."),
)

SPANISH = PhraseBook(
    language="es",
    greetings=("Hola", "Buenos días", "Estimado equipo"),
    answer_greeting="Hola",
    closings=("Un saludo", "Saludos cordiales", "Atentamente"),
    subjects=("{Thing}", "Consulta", "Nuestra cuenta"),
    sentences={
        POSITIVE: (
            "{Thing} funciona {good}.",
            "Estamos {glad}.",
            "{Thing} nos ahorra mucho tiempo.",
            "Muchas gracias, la ayuda fue excelente.",
            "A todo el equipo le encanta.",
            "Los recomendamos con gusto.",
        ),
        NEGATIVE: (
            "{Thing} funciona {bad}.",
            "Estamos {unhappy}.",
            "{Thing} nos hace perder mucho tiempo.",
            "Otra vez falla todo, es inaceptable.",
            "Nadie contesta a nuestras preguntas desde el lunes.",
            "Pensamos en cancelar el contrato.",
        ),
        NEUTRAL: (
            "Por favor, envíen el contrato antes del viernes.",
            "¿Podemos mover la reunión al martes?",
            "Adjunto la lista de usuarios.",
            "¿Quién se ocupa de las facturas?",
            "El mes que viene cambia nuestra dirección.",
        ),
    },
    words={
        "thing": ("el panel", "la búsqueda", "la importación", "el portal", "la nueva versión", "el calendario"),
        "good": ("muy bien", "de maravilla", "a la perfección", "sin problemas"),
        "bad": ("muy mal", "demasiado lento", "con muchos errores", "peor que antes"),
        "glad": ("muy contentos", "encantados", "muy satisfechos"),
        "unhappy": ("muy descontentos", "decepcionados", "molestos"),
    },
    replies=("Gracias por su mensaje, respondemos antes del viernes.", "Aquí está el documento solicitado."),
)
