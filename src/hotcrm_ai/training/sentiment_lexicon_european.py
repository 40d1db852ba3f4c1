"""German, French and Spanish words and phrases by what they tell of a mood, written for this product.

Of each sign first the words, then behind bars the phrases of up to four words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EUROPEAN: Final[Mapping[str, str]] = {
    "great": """
        adore adorons ausgezeichnet begeistert beste besten bester bestes bravo encanta encantada encantado
        encantados encantan erstklassig espectacular estupenda estupendo excelente excelentes excellente excellents
        exceptionnel exceptionnelle exzellent fantastique fantastisch fantástica fantástico fenomenal formidable
        genial großartig génial géniale hervorragend impeccable increíble incroyable inmejorable klasse liebe
        magnifique magnífica magnífico maravillosa maravilloso mejor merveilleuse merveilleux parfait parfaite
        parfaitement perfecta perfectamente perfecto perfekt ravi ravie ravis sensationell spitze superbe top
        traumhaft wunderbar wundervoll
        | absolut empfehlenswert | au top | coup de cœur | de maravilla | gerne wieder | je recommande vivement |
        lo mejor | me encanta | muy contenta | muy contento | sehr zufrieden | voll und ganz zufrieden | à merveille""",
    "good": """
        agradable agréable aimable amable amables angenehm bequem bien bon bonito bonne bonnes bons buena buenas
        bueno buenos content contenta contente contentes contento contentos contents cómodo délicieux efficace
        eficaz eficiente einfach empfehle empfehlen empfehlenswert erleichtert facile felices feliz fiable fluide
        freue freuen freundlich freundliche freundlicher froh funciona funktioniert fácil gefällt gelungen gelöst
        gentil gentille glücklich gusta gustó gut gute guten guter gutes heureuse heureux hilfreich hilfsbereit
        kompetent lecker limpia limpio nett nette pratique problemlos profesional professionnel professionnelle
        prompt propre práctico pünktlich rapide rapidement recomendable recomendamos recomiendo recommande
        recommandons reibungslos resuelto rico rápida rápidamente rápido résolu satisfait satisfaite satisfaits
        satisfecha satisfecho satisfechos sauber schnell schnelle schön schöne schöner serviable simpática simpático
        super sympa sympathique toll tolle toller tolles utile zufrieden zuverlässig útil
        | bon travail | buen trabajo | gut gemacht | je recommande | keine probleme | klappt gut | lo recomiendo |
        muy bien | ohne probleme | sans problème | sans souci | sin problema | sin problemas | très bien | weiter so""",
    "thanks": """
        agradecemos agradecida agradecido agradezco dankbar danke dankeschön gracias merci mercis remercie
        remercions
        | besten dank | danke für | danke schön | gracias por | herzlichen dank | merci beaucoup | merci pour |
        mil gracias | mille mercis | muchas gracias | tausend dank | un grand merci | vielen dank""",
    "awful": """
        abzocke affreuse affreux arnaque asco asqueroso betrug betrüger catastrophe catastrophique cauchemar
        desastre desastroso déteste escroquerie estafa estafadores fatal frech frechheit furchtbar furieuse furieux
        furiosa furioso grauenhaft hasse honte honteuse honteux horrible inacceptable inaceptable inadmisible
        inadmissible inakzeptabel indignante katastrophal katastrophe ladrones lamentable lächerlich merde mierda
        miserabel mist nul nulle odio peinlich peor pesadilla pire pitoyable pésima pésimo ridicule ridículo
        saftladen scandaleuse scandaleux scheiße schlechteste schlechtester schlimmste schrecklich skandal terrible
        unmöglich unverschämt unverschämtheit vergonzoso vergüenza voleurs wütend zumutung
        | de pena | finger weg | nicht empfehlenswert | nie wieder | no lo recomiendo | nunca más | plus jamais |
        reinste katastrophe | una vergüenza | une honte | à fuir | à éviter""",
    "bad": """
        agacé cara caro cher chère complicado compliqué decepcionada decepcionado decepcionante decepción demasiado
        desagradable descontento descontentos desgraciadamente dommage dreckig déception décevant décevante
        désagréable déçu déçue déçus enfadada enfadado enttäuschend enttäuschende enttäuscht enttäuschung falsch
        faux frustrada frustrado frustrant frustrante frustrierend frustriert frustré impoli impolie incompetente
        incompétent incompétente insatisfait insatisfecho inutile inútil kompliziert lamentablemente langsam
        langsame leider lent lenta lente lento lentos lents mal mala malas maleducado malheureusement malo malos
        mangelhaft mauvais mauvaise mauvaises mediocre molesta molesto molestos mécontent mécontente mécontents
        médiocre mühsam nervig nervt nutzlos sale sauer schade schlecht schlechte schlechten schlechter schlechtes
        schmutzig sucia sucio teuer traurig triste trop umständlich unbrauchbar unfreundlich unhöflich unzufrieden
        unzuverlässig verärgert ärger ärgerlich énervant énervé überteuert
        | aún no | encore une fois | immer noch | nicht gut | nicht zufrieden | otra vez | pas bien | pas content |
        schon wieder | todavía no | toujours pas | viel zu | zu langsam | zu spät | zu teuer""",
    "problem": """
        abgestürzt absturz abîmé annulé annulée attendre attends attente ausfall avería beschwerde beschädigt
        bloqueado bloqué bug bugs cancelada cancelado cancelar cassé cassée dañada dañado defectuosa defectuoso
        defekt devolución défectueuse défectueux endommagé erreur erreurs error errores erstattung esperando esperar
        espero falla fallo fallos falta fehlen fehler fehlt gewartet kaputt kündigen kündigung mahnung manquant
        manque nadie niemand panne perdida perdido perdu perdue personne plante problem problema problemas probleme
        problème problèmes queja reclamación reembolso reklamation remboursement retard retards retraso retrasos
        rota roto réclamation résiliation résilier rückerstattung storniert störung stürzt vergeblich verloren
        verspätet verspätung warte warten warteschleife
        | aucune réponse | depuis 0 | depuis des jours | depuis des semaines | desde hace | doppelt abgebucht |
        en panne | en retard | funktioniert nicht | geht nicht | hace 0 | jamais reçu | keine antwort |
        keine rückmeldung | me han cobrado | nadie contesta | nadie responde | ne fonctionne pas |
        ne fonctionne plus | ne marche pas | nicht angekommen | nicht erhalten | nicht erreichbar | nicht geliefert
        | nicht gelöst | no funciona | no ha llegado | no he recibido | no llega | no va | pas de réponse | pas reçu
        | sans réponse | seit 0 | seit stunden | seit tagen | seit wochen | sin respuesta | sin solución""",
    "~ask": """
        bitte combien comment cuál cuándo cuánta cuánto cómo dónde favor frage fragen gibt kann können könnte
        könnten möchte möchten où peut podemos podría podrían pourriez pouvez pregunta puede pueden puedo puis quand
        quel quelle quels question questions qui quisiera quién souhaite souhaitons svp voudrais wann welche welcher
        wer wie wo
        | es posible | est-ce que | est-il possible | gibt es | ich möchte | ist es möglich | je voudrais |
        me gustaría | por favor | quería saber | s'il vous plaît | wie kann | wie lange | wie viel | wir möchten""",
    "~report": """
        adjunta adjunto adresse anbei besprechung bestellung ci-joint cita commande contrat contrato dienstag
        dirección document documento documentos documents donnerstag factura facture freitag jeudi jueves lundi
        lunes mardi martes mercredi mittwoch miércoles montag pedido rechnung rendez-vous reunión réunion termin
        treffen unterlagen vendredi vertrag viernes
        | comme convenu | como acordamos | en pièce jointe | im anhang | para su información | pour information |
        wie besprochen | zur information""",
    "~contrast": """
        aber allerdings aunque cependant jedoch mais obstante pero pourtant sino toutefois trotzdem""",
    "~very": """
        absolut echt extrem extrêmement muy realmente sehr súper tan tellement total totalmente très vraiment
        wirklich""",
    "~never": """
        aucun aucune jamais jamás kein keine keinen nicht nie niemals ninguna ningún no nunca pas plus""",
}
