"""German, French and Spanish words and phrases by what they tell of a mood, written for this product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EUROPEAN: Final[Mapping[str, str]] = {
    "great": """
        großartig hervorragend ausgezeichnet fantastisch wunderbar perfekt exzellent genial spitze klasse begeistert liebe erstklassig
        sensationell wundervoll traumhaft top beste bester bestes besten | sehr zufrieden | voll und ganz zufrieden | absolut empfehlenswert | gerne wieder
        excellente excellents génial géniale formidable merveilleux merveilleuse fantastique superbe magnifique parfait parfaite parfaitement adore
        adorons ravi ravie ravis impeccable exceptionnel exceptionnelle incroyable bravo | à merveille | je recommande vivement | au top | coup de cœur
        excelente excelentes maravilloso maravillosa fantástico fantástica perfecto perfecta perfectamente increíble genial estupendo estupenda encanta
        encantado encantada encantados encantan espectacular magnífico magnífica inmejorable mejor fenomenal | de maravilla | lo mejor | me encanta | muy contento | muy contenta""",
    "good": """
        gut gute guter gutes guten schön schöne schöner super toll tolle toller tolles nett nette freundlich freundliche freundlicher hilfsbereit hilfreich
        schnell schnelle zuverlässig zufrieden glücklich froh freue freuen gefällt angenehm einfach reibungslos problemlos bequem sauber lecker empfehlen empfehle
        empfehlenswert gelungen kompetent pünktlich prompt gelöst funktioniert erleichtert | keine probleme | ohne probleme | weiter so | gut gemacht | klappt gut
        bon bonne bons bonnes bien content contente contents contentes satisfait satisfaite satisfaits heureux heureuse agréable utile rapide rapidement efficace aimable
        gentil gentille sympathique sympa serviable professionnel professionnelle facile fluide fiable pratique propre délicieux recommande recommandons résolu super |
        sans problème | sans souci | très bien | bon travail | je recommande
        bueno buena buenos buenas bien contento contenta contentos satisfecho satisfecha satisfechos feliz felices agradable útil rápido rápida rápidamente eficaz eficiente
        amable amables simpático simpática profesional fácil fiable práctico limpio limpia rico recomiendo recomendamos recomendable resuelto funciona gusta gustó bonito cómodo |
        sin problemas | sin problema | muy bien | buen trabajo | lo recomiendo""",
    "thanks": """
        danke dankeschön dankbar | vielen dank | herzlichen dank | besten dank | danke schön | danke für | tausend dank
        merci mercis remercie remercions | merci beaucoup | un grand merci | merci pour | mille mercis
        gracias agradezco agradecemos agradecido agradecida | muchas gracias | mil gracias | gracias por""",
    "awful": """
        schrecklich furchtbar katastrophe katastrophal grauenhaft unverschämt unverschämtheit frechheit unmöglich inakzeptabel miserabel betrug betrüger abzocke
        schlimmste schlechteste schlechtester hasse lächerlich peinlich mist scheiße saftladen zumutung wütend skandal frech | nie wieder | finger weg | reinste katastrophe | nicht empfehlenswert
        horrible affreux affreuse catastrophe catastrophique scandaleux scandaleuse honteux honteuse honte inacceptable inadmissible arnaque escroquerie voleurs nul nulle
        pire déteste lamentable pitoyable cauchemar merde furieux furieuse ridicule | plus jamais | à fuir | à éviter | une honte
        horrible pésimo pésima terrible desastre desastroso vergüenza vergonzoso inaceptable estafa estafadores ladrones peor odio asqueroso asco lamentable pesadilla
        mierda furioso furiosa ridículo indignante inadmisible fatal | nunca más | no lo recomiendo | una vergüenza | de pena""",
    "bad": """
        schlecht schlechte schlechter schlechtes schlechten langsam langsame enttäuscht enttäuschend enttäuschung ärgerlich ärger verärgert unzufrieden unfreundlich
        unhöflich leider teuer überteuert nervt nervig frustriert frustrierend kompliziert umständlich unbrauchbar nutzlos dreckig schmutzig unzuverlässig traurig
        sauer falsch schade mangelhaft enttäuschende mühsam | zu spät | zu teuer | zu langsam | viel zu | immer noch | schon wieder | nicht zufrieden | nicht gut
        mauvais mauvaise mauvaises lent lente lents déçu déçue déçus décevant décevante déception mécontent mécontente mécontents insatisfait cher chère trop malheureusement dommage
        désagréable impoli impolie incompétent incompétente énervant énervé agacé frustrant frustré compliqué inutile sale triste médiocre faux | encore une fois | toujours pas | pas content | pas bien
        malo mala malos malas mal lento lenta lentos decepcionado decepcionada decepción decepcionante descontento descontentos insatisfecho caro cara desgraciadamente lamentablemente desagradable
        maleducado incompetente molesto molesta molestos frustrado frustrada frustrante complicado inútil sucio sucia triste mediocre enfadado enfadada | otra vez | todavía no | aún no | demasiado""",
    "problem": """
        problem probleme fehler defekt kaputt störung ausfall absturz stürzt abgestürzt verspätung verspätet verloren fehlt fehlen beschädigt storniert reklamation beschwerde
        rückerstattung erstattung mahnung warteschleife warten warte gewartet kündigen kündigung vergeblich niemand | funktioniert nicht | geht nicht | keine antwort | keine rückmeldung |
        nicht erreichbar | seit tagen | seit wochen | seit stunden | seit 0 | doppelt abgebucht | nicht angekommen | nicht geliefert | nicht erhalten | nicht gelöst
        problème problèmes erreur erreurs panne bug bugs cassé cassée défectueux défectueuse retard retards perdu perdue manque manquant abîmé endommagé annulé annulée réclamation
        remboursement attendre attends attente résilier résiliation personne bloqué plante | ne marche pas | ne fonctionne pas | ne fonctionne plus | pas de réponse | aucune réponse |
        sans réponse | depuis 0 | depuis des jours | depuis des semaines | pas reçu | jamais reçu | en panne | en retard
        problema problemas error errores fallo fallos falla avería roto rota defectuoso defectuosa retraso retrasos perdido perdida falta dañado dañada cancelado cancelada reclamación
        queja reembolso devolución esperar espero esperando cancelar nadie bloqueado | no funciona | no va | sin respuesta | nadie contesta | nadie responde | desde hace | hace 0 |
        no ha llegado | no llega | no he recibido | sin solución | me han cobrado""",
    "~ask": """
        wie wann wo wer welche welcher kann können könnten könnte bitte gibt möchte möchten frage fragen | gibt es | ist es möglich | ich möchte | wir möchten | wie lange | wie viel | wie kann
        comment quand où qui quel quelle quels pouvez pourriez puis peut svp question questions voudrais souhaite souhaitons | est-ce que | est-il possible | s'il vous plaît | je voudrais | combien
        cómo cuándo dónde quién cuál cuánto cuánta puede pueden podría podrían puedo podemos quisiera pregunta favor | por favor | es posible | me gustaría | quería saber""",
    "~report": """
        anbei rechnung vertrag termin treffen besprechung unterlagen montag dienstag mittwoch donnerstag freitag adresse bestellung | wie besprochen | im anhang | zur information
        ci-joint facture contrat rendez-vous réunion document documents lundi mardi mercredi jeudi vendredi adresse commande | comme convenu | pour information | en pièce jointe
        adjunto adjunta factura contrato cita reunión documento documentos lunes martes miércoles jueves viernes dirección pedido | como acordamos | para su información""",
    "~contrast": "aber jedoch allerdings trotzdem mais cependant pourtant toutefois pero sino aunque obstante",
    "~very": "sehr wirklich absolut total extrem echt très vraiment tellement extrêmement muy realmente tan totalmente súper",
    "~never": "nicht kein keine keinen nie niemals pas jamais aucun aucune plus nunca jamás ningún ninguna no",
}
