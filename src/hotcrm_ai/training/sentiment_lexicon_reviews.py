"""English words and phrases of product reviews by what they tell of a mood: how things look, sound, wear and are used.

Of each sign first the words, then behind bars the phrases of up to four words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REVIEWS: Final[Mapping[str, str]] = {
    "good": """
        accurate balanced bargain bright compact crisp crystal-clear decent effortlessly exceed fantastically
        flawlessly ideal ideally intelligent lasting light-weight lightweight likable likeable nicely nicer nicest
        plus praise praised praises precise pros rugged sharp sleek snappy solidly stylish versatile vibrant vivid
        well-built well-designed well-made
        | a breeze | a winner | by far the best | can not beat | crystal clear | does the job | does the trick |
        easy to | glad i | holds its charge | i like | i liked | i really like | i'm glad | is a plus | long lasting |
        nothing bad | nothing wrong | one of the best | really like | really liked | sounds great | step up |
        still going strong | the best i | well built | well designed | well made | well thought out |
        works as advertised | you can't beat | you cannot beat""",
    "bad": """
        blurred blurry bulky cheaply cons crackling crackly dim discomfort distorted drawback drawbacks dropouts
        fiddly flimsily grainy gripe gripes hiss inaudible jams lag lags lemon let-down letdown minus muddy muffled
        noise overheats pixelated plasticky rattle rattles rattling regretted scratchy shoddy sloppy static tinny
        tricky uncomfortably underwhelming unimpressive unintuitive unsatisfactory washed-out wobbly
        | a pain | can't get it to | don't bother | fell apart | feels cheap | felt cheap | hard time | hard to hear |
        hard to read | hard to see | hard to use | i dislike | i wish | look elsewhere | my complaint |
        my only complaint | not as good | not good enough | not intuitive | not user friendly | only complaint |
        only downside | only problem | poorly made | save your money | sent it back | stay clear | stopped charging |
        the downside | went back to | would be nice if | you get what you pay""",
    "problem": """
        dead defects died incompatible jammed overheated overheating reboot rebooting reboots restarted
        restarting returned returning
        | had to return | had to send | have to return | locks up | lost signal | not compatible | return it |
        send it back | shut itself off | shut off | shuts off | would not turn on""",
}
