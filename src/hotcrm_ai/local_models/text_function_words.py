"""Words that join other words and say nothing by themselves, in the languages of the packaged model."""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
    a ab aber about afin after against ai al algo alguna alguno all alle allem allen aller alles alors als also am an and ander
    andere anderen ante any aquel aquella aquí are as así at au auch aucun auf aunque aus aussi autre aux avait avec avez avoir
    avons ayant be because been before bei beim being between bin bis bist both but by c'est cada can ce ceci cela celle celui ces
    cet cette ceux chaque chez comme como con could cual cuando d'un d'une da dabei damit dann dans das dass de dein deine del dem
    den denn depuis der des desde did die dies diese diesem diesen dieser dieses do doch does doing donc donde done dont dort dos
    du durante durch during e each ein eine einem einen einer eines either el ella ellas elle elles ellos en entre er era eran es
    esa ese eso est esta estaba estamos estar este esto estos estoy está están et eu euch euer eure eux every faire fait few for
    from für get gets getting gibt go goes going gone got ha habe haben había had han has hasta hat hatte hatten have having hay
    he hemos her here hers hier him hinter his how i i'd i'll i'm i've ich if ihm ihn ihnen ihr ihre ihrem ihren ihrer il ils im
    in ins into is ist it it's its itself j'ai je jede jedem jeden jeder jedes jetzt just kann kannst können könnte l l'on la las
    le les let let's leur leurs lo lors los lot lui là ma made mais make makes man many may me mein meine meinem meinen meiner mes
    mi mich mientras might mine mir mis misma mismo mit mittlerweile mon more most much muss must muy my myself más müssen n'a
    n'ai n'est nach ne nos nosotros notre nous nuestra nuestro nun nur o ob oder of off on once one ones only ont onto or os other
    otra otro ou our ours out over own où par para per pero peu peut plus poco por porque pour pourquoi pues puis qu'elle qu'il
    qu'on quand que quel quelle qui quien qué s'est sa sans se sein seine seinem seinen seiner seit selbst ser ses shall she
    should si sich sido sie siendo since sind so sobre soll sollte solo some son sondern sont sous soy su such sur sus sí ta tal
    también tan te tener tengo tes than that that's the their theirs them then there there's these they they're they've thing
    things this those through tiene tienen till to toda todas today todo todos toi ton too tous tout toute toutes très tu tus um
    un una unas und under une uno unos uns unser unsere unserem unseren unserer unter until up upon us use used usted ustedes va
    vers vez voici vom von vor vos votre vous war waren was we we'd we'll we're we've wegen weil welche welcher wenn wer werde
    werden were what what's when where which while who whom whose why wie will wir wird with within wo would wurde wurden y ya yet
    yo you you'll you're you've your yours yourself zu zum zur zwischen à étaient était été être über
    """

FUNCTION_WORDS: Final = frozenset(_WORDS.split())
"""Articles, pronouns, prepositions, conjunctions and auxiliary verbs; what negates or grades is not among them by itself."""
