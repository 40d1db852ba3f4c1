"""English words and phrases by what they tell of a mood, written for this product from how customers write to companies.

Of each sign first the words, then behind bars the phrases of up to four words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    "great": """
        adore adored adores amaze amazing amazingly awesome beautifully best blessed bravo brilliant brilliantly
        delighted delightful ecstatic excellent exceptional exquisite extraordinary fabulous fantastic fave faves
        favorite favourite first-class five-star flawless godsend gorgeous grateful greatest heavenly hero heroes
        hooray impeccable incredible kudos legend legends lifesaver lifesavers love loved loveee lovely loves loving
        magnificent marvellous marvelous masterpiece outstanding overjoyed perfect perfectly phenomenal props rock
        rocked rocks rockstar rockstars shout-out shoutout spectacular stellar stunning sublime superb superbly
        superior terrific thrilled top-notch unforgettable whoop wonderful wonderfully woohoo world-class wow yay
        yess
        | a must | above and beyond | best ever | blown away | can't recommend enough | can't thank you enough |
        cannot recommend enough | could not be happier | couldn't ask for more | couldn't be better |
        couldn't be happier | extra mile | five stars | game changer | hats off | life saver | made my day |
        made our day | make my day | must have | must see | my favorite | my favourite | never been better |
        on point | over the moon | second to none | shout out | so much fun | the bomb | thumbs up | two thumbs up |
        you guys rock | you rock""",
    "good": """
        accommodating affordable appreciate appreciated appreciative attentive beautiful better bonus capable
        captivating caring celebrate celebrating charming cheers classy clean clever comfortable comfy compelling
        competent congrats congratulations convenient cool courteous cozy delicious dependable durable easily easy
        efficient effortless elegant engaging enjoy enjoyable enjoyed enjoying entertaining exceeded exceeds excited
        exciting fair fascinating fast fine fixed fresh friendly fun funny gem generous glad gold good gripping haha
        hahaha handy happy hassle-free heartwarming helpful hilarious honest impressed impressive improved
        improvement inspirational inspired inspiring intuitive joy joyful kind knowledgeable liked likes lol
        loyal memorable moving neat nice original painless patient pleasant pleasantly pleased pleasure polite
        powerful pretty professional prompt promptly proud quality quick quickly recommend recommended recommending
        refreshing reliable relief relieved renew renewed renewing resolved responsive rewarding rich satisfied
        satisfying seamless seamlessly simple smart smile smiled smiles smiling smooth smoothly solid solved
        spotless strong sturdy success successful successfully sweet talented tasty thankful thoughtful touching
        trustworthy upgrade upgraded useful user-friendly valuable warm welcoming well win winner winning witty
        worked working works worthwhile yummy
        | ahead of schedule | ahead of time | all good | all sorted | arrived early | as advertised | as described |
        as expected | as promised | big fan | can't wait | cannot wait | come back again | customer for life |
        early arrival | exactly what | fast reply | fast response | feel better | glad to | good job | good price |
        good to | good value | good work | got it sorted | great job | great price | great to | great value |
        great work | happy to | happy with | hassle free | helped me | helped us | high quality | huge fan |
        in no time | just works | keep it up | keep up | like it | look forward | looking forward | made it |
        nice job | nice to | nice work | no complaint | no complaints | no issue | no issues | no problem |
        no problems | no worries | nothing but good | number one | on time | pleased to | quick reply |
        quick response | right away | saved me | saved us | saves me | saves time | saves us | so far so good |
        so helpful | sorted out | super helpful | taken care of | thanks to | took care of | user friendly |
        very helpful | well done | well worth | what i needed | what we needed | will be back | will buy again |
        will order again | will use again | within minutes | without a hitch | without any problem |
        without any problems | without problems | works fine | works great | works like a charm | works perfectly |
        works well | worth every | worth it""",
    "thanks": """
        thank thanks thankyou thnx thx tks ty tysm
        | appreciate it | appreciate the | appreciate your | big thanks | huge thanks | many thanks |
        much appreciated | really appreciate | special thanks | thank u | thank you | thank you for |
        thank you so much | thanks a lot | thanks again | thanks everyone | thanks for | thanks guys |
        thanks so much | thanks team | thanks to your""",
    "~polite": """
        kindly please pls plz
        | many thanks in advance | no thank you | no thanks | thank you for contacting | thank you in advance |
        thanks for reading | thanks for the info | thanks for the information | thanks for your attention |
        thanks in advance""",
    "awful": """
        absurd abusive abysmal appalling ashamed ass asshole atrocious awful bitch bullshit catastrophe clueless
        crap crappy criminal criminally crook crooks damn despise disaster disastrous disgrace disgraceful disgusted
        disgusting disrespectful dreadful effing embarrassing embarrassment epicfail fail failing fails failure
        fiasco fml fraud freaking fuck fucked fucking furious garbage hate hated hates hating hell hideous hopeless
        horrendous horrible horrid idiotic idiots incompetence incompetent inexcusable infuriated infuriates
        infuriating insane insult insulted insulting joke joking lawsuit lawyer liar liars lied lies livid loathe
        lying moronic nightmare outraged outrageous painful pathetic ridiculous rip-off ripoff robbery rubbish scam
        scammed scammers screw screwed seriously shame shameful shit shitty smh stupid suck sucked sucks sucky sue
        terrible thief thieves toxic trash unacceptable unbearable unbelievable unethical unreal useless vile waste
        wasted worst worthless wtf wth
        | a waste | are you kidding | avoid at all costs | better business bureau | can't recommend |
        cancel my account | cancel my subscription | complaint to | consumer protection | do not buy |
        do not recommend | do not waste | don't buy | don't recommend | don't waste | done with you | fed up |
        going to switch | had enough | i'm done | kidding me | last straw | last time i | leaving you | legal action
        | losing a customer | losing customers | losing my business | lost a customer | lost customer |
        lost my business | money back | my business elsewhere | never again | never book | never buy |
        never coming back | never fly | never going back | never order | never recommend | never shop | never stay |
        never use | never use again | no excuse | one star | rip off | ripped off | shame on | sick of | so bad |
        stay away | switching to | take my business | taking my business | tired of | total joke |
        want my money back | waste of | we're done | what a joke | what the hell | worst customer | worst ever |
        worst experience | worst service | would not recommend | wouldn't recommend | you guys suck | you kidding me
        | you suck | zero stars""",
    "bad": """
        again ages angry annoyed annoying annoys argh arrogant awkward bad badly blah bland boo bored boring
        careless chaos chaotic cheap clichéd clumsy clunky cmon cold complain complained complaining complaint
        complaints complicated concerned concerning condescending confused confusing contrived cried cry crying
        cumbersome dangerous deceptive denied denies deny destroyed dirty disappoint disappointed disappointing
        disappointment disappoints dishonest dismissive disorganized dissatisfied dreary dull empty error errors
        exhausted exhausting expensive failed fault faulty filthy flaw flawed flimsy forever forgettable frustrated
        frustrates frustrating frustration fuming gross grr hassle hurts ignore ignored ignores ignoring impolite
        impossible inconsiderate inconvenience inconvenienced inconvenient indifferent inferior insufficient
        irritated irritating lack lacking lacks laggy lame lazy losing lost loud lousy mad mediocre meh mess messy
        mindless miserable misery misleading mistake mistakes neglected nobody noisy nonsense nope nowhere omg
        overpriced overrated pain pointless poor poorly predictable pricey rant refuse refused refuses refusing
        regret regretting rude ruin ruined ruining ruins sad sadly sadness scary shady shallow sigh slow slowly
        sluggish smelly sorry stale stink stinks strange stressed stressful suspicious tasteless tears tedious tired
        tiresome tiring ugh ugly unable uncaring unclear uncomfortable uneven unfair unfortunate unfortunately
        unfriendly unfunny unhappy unhelpful uninspired uninteresting unorganized unpleasant unprepared
        unprofessional unreliable unresponsive unsafe unsatisfied unusable upset upsetting weak weird worried worry
        worrying worse wrong yikes
        | anyone there | are you even | as usual | bad luck | can't even | come on | could at least |
        could have been | deserve better | did not work | didn't even | didn't work | do better | do you even |
        does anyone | does not work | doesn't work | don't even | don't work | even though | expect more |
        expected better | expected more | far too | fix it | fix this | fix your | for ages | get it together |
        get your act together | good luck | great job ruining | how can you | how could | how do you | how hard |
        how is it | how is that | is anyone | isn't working | lack of | let down | let me down | let us down |
        letting down | need to fix | nice try | no answer | no apology | no clue | no communication | no explanation
        | no help | no idea | no info | no information | no luck | no one | no reason | no record | no reply |
        no response | no service | no way | not acceptable | not cool | not even | not fair | not good | not great |
        not happy | not helpful | not impressed | not ok | not okay | not the best | not working | not worth |
        once again | should be able | should have | should not have to | so long | so slow | step up | still can't |
        still don't | still has not | still hasn't | still have not | still haven't | still no | still not |
        still waiting | supposed to | takes forever | taking forever | thanks for losing | thanks for nothing |
        thanks for ruining | too expensive | too late | too long | too many | too much | too slow | took forever |
        way to go | way too | what happened to | what is going on | what is the point | what is wrong | what kind of
        | what's going on | what's the point | what's wrong | why are you | why aren't | why can't | why do you |
        why does it | why don't | why is it | why isn't | why not | why won't | why would | why would you |
        won't even | won't work | would have been | yet again | you should""",
    "problem": """
        apologies apologise apologize apologized apology automated blocked break breakdown breaking breaks broke
        broken bug buggy bugs bumped cancel cancelations canceled canceling cancellation cancellations cancelled
        cancelling cancels charged charges compensate compensation corrupt corrupted cracked crash crashed crashes
        crashing crushed damage damaged damages declined defect defective delay delayed delays disconnect
        disconnected disconnecting disconnects down drop dropped drops duplicate duplicated emergency escalate
        escalated excuse excuses expired fee fees forced forcing freeze freezes freezing froze frozen glitch
        glitches glitchy hacked hidden inaccurate incomplete incorrect incorrectly interrupted invalid issue issues
        late lateness leak leaking locked malfunction malfunctioning mislabeled misplaced missed missing misspelled
        offline outage overbooked overcharge overcharged overdue oversold penalty phishing policy postponed problem
        problems queue queues rebooked refund refunded refunds reimburse reimbursed reimbursement rejected
        rescheduled robot runaround shortage spam stolen stopped stranded stuck supervisor surcharge theft torn
        transferred transferring trouble troubles twice unauthorized unavailable virus voicemail voucher waited
        waiting
        | 0 days | 0 hour | 0 hours | 0 hr | 0 hrs | 0 mins | 0 minutes | 0 months | 0 times | 0 weeks | all day |
        all morning | all night | an hour | an hour and | been told | been waiting | billed twice | busy signal |
        call back | call center | call centre | called back | can't access | can't book | can't change | can't check
        | can't connect | can't find | can't get | can't help | can't log in | can't login | can't open | can't pay
        | can't reach | can't see | can't use | cannot get | cannot help | cannot log in | charged me |
        charged twice | charged us | could not | couldn't even | couldn't find | couldn't get | couldn't help |
        customer care | customer service | cut off | days later | did not arrive | did not receive | didn't arrive |
        didn't receive | disconnected me | doesn't load | double charged | error message | extra charge | failed to
        | fails to | flat tire | for days | for hours | for months | for weeks | forced to | goes wrong | gone wrong
        | had to | half an hour | hang up | hanging up | hangs up | has not arrived | hasn't arrived |
        have not received | haven't received | having to | hold for | hours late | hours later | hours on | hung up
        | hung up on | i have to | in tears | instead of | keep getting | keep saying | keep telling |
        keeps crashing | keeps failing | keeps hanging | keeps saying | keeps telling | kept waiting | last minute |
        long line | long lines | long wait | lose our | lost bag | lost baggage | lost data | lost luggage | lost my
        | lost our | lost package | made me | making me | many times | minutes late | miss my | missed my |
        missing my | months later | multiple times | my money | never answered | never arrived | never called |
        never came | never got | never heard | never received | never showed | no notice | no one answers |
        no one is answering | no one knows | no warning | nobody answers | nobody knows | not answering |
        not arrived | not available | not delivered | not received | not responding | nothing happened |
        nothing happens | on hold | on hold for | only to | out of order | out of stock | over an hour |
        passed around | poor service | put on hold | refuse to | refused to | refuses to | sat on | second time |
        sent me | several times | sitting in | sitting on | sold out | stopped working | stuck at | stuck in |
        stuck on | tells me | they said | third time | three times | time out | timed out | times out | told me |
        told that | told us | unable to | voice mail | wait time | wait times | waiting for | waiting on | was told
        | weeks later | went wrong | were told | will not let | without any | without notice | without warning |
        won't answer | won't let | won't load | won't open | won't respond | won't start | wrong address |
        wrong amount | wrong bill | wrong item | wrong order | wrong size | you said | your agent | your agents |
        your app | your employees | your phone | your site | your staff | your system | your website""",
    "~ask": """
        advise any anyone are can clarify confirm contact could curious details did dm do does email follow how info
        information is link may pm question questions what when where which who whom whose will wonder wondering
        would
        | any chance | any idea | any news | any plans | any update | any updates | any way | anybody know |
        anyone know | are there | are there any | are you | can i | can we | can you | can you please |
        check your dm | confirmation number | could i | could we | could you | could you please | dm sent | do you |
        do you fly | do you have | do you know | do you offer | do you ship | does it | does the | does this |
        follow me | hope to | hoping to | how can i | how can we | how do i | how do we | how early | how far |
        how long does | how long is | how many | how much | i dm'd | i have a question | i need | i would like |
        i'd like | interested in | is it possible | is the | is there | is there a | is there any | let me know |
        let us know | look for | looking for | may i | need to | number for | order number | phone number | plan to
        | planning to | plans to | question about | question on | quick question | reference number | sent a dm |
        thinking of | ticket number | trying to | want to | wanted to | we need | we would like | what are the |
        what are your | what is the | what time | what's the | when are | when do | when does | when is | when will
        | where are | where can | where do | where is | which of | which one | who do i | will it | will there |
        will you | wondering if | would it be | would like to | would you""",
    "~report": """
        agenda announced announcement announces april article attached august available blog contract coupon deal
        deals december discount document documents done february forward forwarded friday fyi got invoice january
        july june just launch launched launches march maybe meeting minutes monday news next november october offer
        offers ok okay opening opens promo register release releases report reports rt sale saturday schedule
        scheduled september starting starts sunday sure thursday today tomorrow tonight tuesday update updated
        updates version via wednesday yeah yep yes
        | a chance to | as agreed | as discussed | as requested | by the way | check out | coming soon |
        enter to win | find attached | for reference | for your information | got it | i sent | i think |
        in the meantime | join us | just sent | just so you know | learn more | more information | not sure |
        out of office | per our call | please find | read more | see attached | sent you | sign up | stay tuned |
        to whom | to win | will do""",
    "~contrast": "although but despite except however nevertheless otherwise still though yet",
    "~very": """
        absolutely always beyond completely ever extremely highly incredibly really so such super totally truly
        utterly very""",
    "~less": """
        almost barely bit fairly kinda little quite rather slightly somewhat sorta
        | a bit | a little | kind of | sort of""",
    "~exclaims": "! !+",
    "~asks": "?",
    "~asks much": "?+",
    "~dots": "...",
    "~number": "0 0%",
    "~url": "<url>",
    "~user": "<user>",
    "~mail": "<mail>",
    "~you": "u ur y'all yall you your yours",
    "~we": "i i'm i've me mine my myself our ours us we we're we've",
    "~they": "he her his she their them they",
    "~it": "it",
    "~never": """
        can't cannot couldn't didn't doesn't don't hasn't haven't isn't never no none not nothing wasn't won't
        wouldn't""",
    "great face": """
        <glad> ☺ ♥ ✌ ✨ ❤ ⭐ 🌟 🍻 🎉 🏆 👌 👍 👏 💃 💕 💖
        💗 💙 💚 💛 💜 💪 💯 🔥 😀 😁 😂 😃 😄 😆 😇 😉 😊
        😋 😍 😎 😘 😜 😝 😻 🙂 🙌 🙏 🤩 🥰 🥳 🧡""",
    "awful face": """
        <sad> ☹ 👎 💔 💩 🖕 😐 😑 😒 😓 😔 😕 😖 😞 😟 😠 😡 😢
        😣 😤 😥 😨 😩 😪 😫 😬 😭 😰 😱 😷 😾 🙁 🙄 🤢 🤦 🤬 🤮""",
}
