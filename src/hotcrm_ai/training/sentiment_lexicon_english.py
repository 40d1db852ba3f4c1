"""English words and phrases by what they tell of a mood, written for this product from how customers write to companies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    "great": """
        amazing awesome excellent fantastic wonderful brilliant superb outstanding incredible phenomenal perfect perfectly magnificent
        marvelous marvellous exceptional extraordinary flawless fabulous terrific stellar spectacular stunning sublime masterpiece
        unforgettable delightful delighted thrilled ecstatic overjoyed adore adored adores loved love loves loving lovely best greatest
        gorgeous heavenly impeccable exquisite superior top-notch first-class world-class five-star lifesaver lifesavers godsend
        rockstar rockstars legend legends hero heroes blessed grateful | blown away | over the moon | made my day | make my day |
        made our day | above and beyond | extra mile | second to none | can't recommend enough | cannot recommend enough |
        couldn't be happier | could not be happier | couldn't ask for more | couldn't be better | can't thank you enough | can not thank you enough |
        must see | must have | a must | hats off | two thumbs up | thumbs up | five stars | you rock | you guys rock |
        rock | rocks | rocked | so much fun | the bomb | life saver | game changer | never been better | best ever | on point |
        beautifully | amazingly | wonderfully | superbly | brilliantly | kudos | bravo | props | shoutout | shout out | shout-out |
        my favorite | my favourite | favorite | favourite | faves | fave | loveee | amaze | wow | yay | woohoo | hooray | whoop | yess""",
    "good": """
        good nice fine happy glad pleased enjoy enjoyed enjoying enjoyable fun funny entertaining charming clever smart witty helpful
        friendly kind polite courteous professional attentive patient caring thoughtful welcoming warm comfortable comfy cozy clean
        smooth smoothly seamless seamlessly easy easily effortless painless simple convenient quick quickly fast efficient prompt
        promptly reliable dependable solid sturdy durable useful valuable affordable fair honest trustworthy intuitive elegant
        beautiful pretty fresh delicious tasty yummy quality impressed impressive recommend recommended recommending satisfied
        satisfying success successful successfully win winner winning improved improvement better cool sweet neat handy
        appreciate appreciated appreciative thankful responsive generous accommodating knowledgeable competent capable engaging
        gripping compelling touching moving heartwarming powerful hilarious refreshing original inspired inspiring inspirational
        rewarding worthwhile memorable captivating fascinating talented rich strong excited exciting congratulations congrats
        celebrate celebrating proud loyal relief relieved resolved solved fixed works worked working well cheers smile smiles smiling
        smiled haha hahaha lol exceeded exceeds spotless upgraded upgrade bonus pleasant pleasantly pleasure joy joyful gem gold classy
        love it | like it | liked | likes | happy with | looking forward | look forward | can't wait | cannot wait | worth it | worth every |
        well worth | well done | good job | great job | nice job | nice work | great work | keep it up | keep up | good work |
        on time | ahead of schedule | ahead of time | early arrival | arrived early | no problem | no problems | no issues | no issue | no complaints |
        no complaint | no worries | without a hitch | without any problems | without any problem | without problems | works like a charm | just works |
        works great | works perfectly | works fine | works well | right away | in no time | within minutes | hassle free | hassle-free |
        user friendly | user-friendly | nothing but good | so far so good | big fan | huge fan | number one | took care of | taken care of |
        helped me | helped us | very helpful | so helpful | super helpful | quick response | fast response | quick reply | fast reply |
        customer for life | thanks to | made it | got it sorted | all sorted | sorted out | all good | feel better | glad to | happy to |
        good to | great to | nice to | pleased to | will be back | will buy again | will order again | will use again | come back again |
        renew | renewed | renewing | high quality | good value | great value | great price | good price | saves us | saves me | saved us |
        saved me | saves time | exactly what | what we needed | what i needed | as promised | as described | as expected | as advertised""",
    "thanks": """
        thanks thank thx thnx tks ty thankyou tysm cheers | thank you | thanks so much | thank you so much | many thanks | thanks a lot |
        thanks again | thank u | thanks for | thank you for | much appreciated | really appreciate | appreciate it | appreciate the | appreciate your | big thanks |
        special thanks | huge thanks | thanks guys | thanks team | thanks everyone | thanks to your""",
    "~polite": """
        please | thanks in advance | thank you in advance | pls | plz | kindly | many thanks in advance | thanks for your attention | no thanks | no thank you |
        thanks for reading | thanks for the info | thanks for the information | thanks for letting me know | thank you for your message |
        thank you for contacting | thank you for your order""",
    "awful": """
        terrible horrible awful worst horrendous atrocious abysmal appalling disgusting dreadful pathetic disgrace disgraceful
        shameful ridiculous absurd insane unacceptable inexcusable unbelievable outrageous outraged furious livid infuriating
        infuriated infuriates hate hated hates hating despise loathe nightmare disaster disastrous catastrophe fiasco joke joking
        scam scammed scammers fraud thieves thief crooks criminal liars liar lied lies lying garbage trash rubbish crap crappy shit
        shitty bullshit damn hell fuck fucking fucked wtf fml sucks suck sucked sucky asshole bitch ass useless worthless hopeless incompetent
        incompetence idiots idiotic stupid moronic clueless fail fails epicfail failing failure horrid hideous vile toxic painful unbearable
        insulting insulted insult disrespectful ripoff rip-off crook abusive unethical criminally robbery disgusted ashamed
        embarrassing embarrassment shame screwed screw effing freaking | never again | waste of | a waste | wasted | waste | rip off | ripped off | total joke |
        what a joke | you suck | you guys suck | last time i | last straw | worst ever | zero stars | worst customer | worst experience | worst service |
        one star | stay away | avoid at all costs | do not buy | don't buy | don't waste | do not waste | do not recommend |
        don't recommend | would not recommend | can't recommend | wouldn't recommend | never recommend | want my money back | money back |
        fed up | sick of | tired of | had enough | no excuse | shame on | are you kidding | you kidding me | kidding me |
        seriously | unreal | what the hell | wth | smh | so bad | lost a customer | lost my business | losing customers | losing a customer | lost customer | losing my business |
        never fly | never buy | never use | never order | never shop | never book | never stay | never going back | never coming back | never use again |
        taking my business | take my business | my business elsewhere | switching to | going to switch | leaving you | done with you | i'm done | we're done |
        cancel my account | cancel my subscription | legal action | lawyer | sue | lawsuit | better business bureau | consumer protection | complaint to""",
    "bad": """
        bad poor poorly badly wrong worse lousy mediocre disappointing disappointed disappointment disappoint disappoints unhappy upset
        upsetting angry mad annoyed annoying annoys irritated irritating frustrated frustrating frustration frustrates dissatisfied
        unsatisfied unpleasant uncomfortable unfortunate unfortunately sadly sad sadness miserable misery boring bored dull bland
        tedious tiresome predictable pointless shallow empty lame weak slow slowly sluggish laggy clunky clumsy confusing confused
        complicated cumbersome messy mess dirty filthy smelly stinks stink gross noisy loud cold rude unprofessional unhelpful
        unfriendly dismissive careless arrogant condescending impolite lazy indifferent uncaring unresponsive unreliable
        unprepared disorganized unorganized chaos chaotic overpriced expensive pricey overrated cheap flimsy tasteless stale
        inconvenience inconvenienced inconvenient inconsiderate unfair misleading deceptive dishonest shady suspicious
        dangerous unsafe scary worried worry worrying concerned concerning regret regretting mistake mistakes error errors ugly uneven
        flawed flaw fault faulty inferior lacking lacks lack fails failed ignored ignoring ignore ignores neglected sorry
        stressed stressful exhausted exhausting hassle pain hurts crying cry cried tears ruined ruin ruining ruins destroyed
        wtf ugh argh grr meh yikes boo omg blah sigh nope fuming rant complain complaining complaint complaints complained
        denied deny denies refuse refused refuses refusing unable impossible insufficient unclear unusable dreary tired lost losing
        awkward forgettable contrived clichéd unfunny uninspired uninteresting mindless tiring nonsense weird strange |
        no help | not helpful | no answer | no response | no reply | no one | nobody | no apology | no explanation | no communication |
        no information | no info | no idea | no clue | no way | no luck | no service | no reason | no record | no luck | lack of | let down | letting down | let us down |
        let me down | not working | doesn't work | does not work | don't work | didn't work | did not work | won't work | isn't working |
        not happy | not good | not great | not impressed | not acceptable | not cool | not okay | not ok | not fair | not worth |
        not the best | too slow | too long | too late | too expensive | too much | too many | far too | way too | so slow |
        so long | taking forever | takes forever | took forever | forever | for ages | ages | supposed to | should have | should be able | should not have to |
        you should | could have been | would have been | could at least | expected more | expected better | expect more | deserve better |
        do better | get it together | get your act together | step up | fix this | fix your | fix it | need to fix | come on | cmon |
        how hard | how can you | how do you | how is it | how is that | how could | why do you | why does it | why can't | why won't | why would you | why would | why not |
        why is it | why are you | why isn't | why aren't | why don't | what is going on | what's going on | what is wrong | what's wrong | what kind of | what happened to |
        what's the point | what is the point | do you even | does anyone | is anyone | anyone there | are you even | good luck | bad luck | thanks for nothing | thanks for ruining | thanks for losing |
        great job ruining | nice try | way to go | as usual | yet again | once again | again | still no | still not | still waiting | still haven't | still hasn't |
        still can't | still don't | still have not | still has not | even though | not even | can't even | didn't even | don't even | won't even | nowhere""",
    "problem": """
        problem problems issue issues trouble troubles bug bugs buggy glitch glitches glitchy crash crashes crashed crashing freeze
        freezes froze frozen freezing broken broke break breaks breaking damaged damage damages defective defect torn cracked crushed leak
        leaking stuck stranded stopped down outage offline unavailable disconnected disconnect disconnects disconnecting dropped drop
        drops interrupted missing misplaced delay delays delayed late lateness overdue cancelled canceled cancel cancels cancelling
        canceling cancellation cancellations cancelations postponed rescheduled overbooked oversold rebooked bumped rejected blocked locked
        charged overcharged overcharge surcharge hidden fees fee penalty charges refund refunds refunded reimburse reimbursed reimbursement
        compensation compensate voucher stolen theft hacked phishing spam virus expired invalid declined unauthorized duplicate duplicated corrupt corrupted
        incomplete incorrect incorrectly inaccurate mislabeled misspelled malfunction malfunctioning shortage breakdown emergency stolen
        runaround excuse excuses policy escalate escalated supervisor apology apologies apologize apologise apologized
        | hung up | hang up | hung up on | hangs up | hanging up | keeps hanging | cut off | on hold | hold for | on hold for | put on hold | busy signal | voice mail | voicemail | automated | robot | call back |
        called back | never called | never got | never received | never arrived | never came | never heard | never answered | never showed |
        didn't arrive | did not arrive | hasn't arrived | has not arrived | haven't received | have not received | didn't receive | did not receive |
        not received | not delivered | not arrived | not available | not responding | not answering | no one answers | nobody answers | no one is answering |
        nobody knows | no one knows | can't log in | cannot log in | can't login | can't access | can't get | cannot get | can't find | can't reach | can't open |
        can't use | can't book | can't check | can't change | can't see | can't pay | could not | couldn't get | couldn't find | couldn't even | can't help | cannot help | couldn't help | can't connect |
        won't let | will not let | won't load | won't open | won't start | won't answer | won't respond | doesn't load | error message | keeps crashing | keeps saying | keeps telling |
        keep getting | keep telling | keep saying | kept waiting | keeps failing | stopped working | timed out | time out | times out | went wrong | gone wrong | goes wrong |
        wrong size | wrong item | wrong order | wrong address | wrong amount | wrong bill | double charged | charged twice | charged me | charged us | billed twice | extra charge |
        out of stock | out of order | sold out | missed | miss my | missed my | missing my | lost my | lost our | lost data | lose our | lost luggage | lost bag | lost baggage | lost package |
        my money | waiting for | waiting on | waited | waiting | wait time | wait times | been waiting | long wait | long line | long lines | queue | queues |
        sat on | sitting on | sitting in | stuck in | stuck at | stuck on | days later | weeks later | months later | hours later | hours late | minutes late | 0 days | 0 hours | 0 hour | 0 hrs | 0 hr |
        0 weeks | 0 months | 0 mins | 0 minutes | for hours | for days | for weeks | for months | hours on | all day | all night | all morning | over an hour | an hour | an hour and |
        half an hour | several times | many times | multiple times | 0 times | three times | third time | second time | twice | passed around | sent me | told me | told us | told that |
        tells me | they said | you said | was told | were told | been told | transferred | transferring | disconnected me | nothing happened | nothing happens | made me | making me | forced | forced to | forcing | had to | having to | i have to |
        instead of | without any | without notice | without warning | no notice | no warning | last minute | only to | refuse to | refuses to | refused to | failed to | fails to | unable to |
        flat tire | in tears | poor service | customer service | customer care | call center | call centre | your staff | your employees | your agents | your agent | your system | your website | your app | your site | your phone""",
    "~ask": """
        how what when where which who whose whom can could may does do did is are will would any anyone wondering wonder question
        questions info information details clarify confirm advise | how do i | how do we | how can i | how can we | how much | how many | how long does | how long is | how far | how early | what time |
        what is the | what's the | what are the | what are your | when will | when is | when do | when does | when are | where is | where can | where do | where are | who do i | which one | which of | can i | can we |
        can you | can you please | could you | could you please | could i | could we | may i | do you | do you have | do you offer | do you ship | do you fly | do you know | does the | does this | does it | is there | is there a | is there any |
        is it possible | is the | are there | are there any | are you | will you | will there | will it | would you | would it be | would like to | i would like | i'd like | we would like | looking for | look for |
        trying to | want to | wanted to | need to | i need | we need | let me know | let us know | any chance | any way | any update | any updates | any idea | any plans | any news | anybody know | anyone know | i have a question |
        quick question | question about | question on | interested in | curious | wondering if | hoping to | hope to | planning to | plan to | plans to | thinking of | dm | follow | follow me | pm | dm sent | sent a dm | check your dm | i dm'd | email | phone number |
        confirmation number | reference number | order number | ticket number | link | number for | contact""",
    "~report": """
        attached forward forwarded invoice contract meeting schedule scheduled agenda minutes document documents report reports announced announces
        announcement launches launch launched opens opening news via rt article blog sale deal deals offer offers promo coupon discount
        available starting starts update updates updated version release releases next tomorrow today tonight monday tuesday wednesday thursday friday saturday sunday
        january february march april june july august september october november december | per our call | as discussed | as agreed | as requested | please find |
        find attached | see attached | for your information | fyi | just so you know | for reference | in the meantime | by the way | to whom | out of office |
        check out | stay tuned | coming soon | sign up | register | join us | more information | read more | learn more | to win | a chance to | enter to win | ok | okay | just | just sent | i sent | sent you | will do | done | yes | yeah | yep | sure | not sure | maybe | i think | got it | got""",
    "~contrast": "but however although though yet except despite unfortunately otherwise nevertheless still",
    "~very": "very really so extremely totally absolutely completely super incredibly truly highly utterly beyond such always ever",
    "~less": "somewhat slightly bit little kinda sorta fairly rather quite almost barely | kind of | sort of | a bit | a little",
    "~exclaims": "! !+",
    "~asks": "?",
    "~asks much": "?+",
    "~dots": "...",
    "~number": "0 0%",
    "~url": "<url>",
    "~user": "<user>",
    "~mail": "<mail>",
    "~you": "you your yours u ur y'all yall",
    "~we": "i me my we us our ours mine myself i'm i've we've we're",
    "~they": "they their them he she his her",
    "~never": "never nothing none nobody no not isn't wasn't don't doesn't didn't can't cannot won't haven't hasn't couldn't wouldn't",
    "great face": "😀 😁 😃 😄 😆 😍 🥰 😘 🤩 😊 ☺ 🙂 😇 ❤ 💕 💖 💗 💙 💚 💛 💜 🧡 💯 👍 👏 🙌 🎉 🥳 💪 ✨ 🌟 ⭐ 🏆 😂 😎 👌 💃 🙏 😻 🍻 🔥 😋 😉 ✌ ♥ 😜 😝 <glad>",
    "awful face": "😡 😠 🤬 😤 😒 😞 😢 😭 😩 😫 😖 😣 🙄 👎 💩 🤮 🤢 😑 😔 😟 🙁 ☹ 😕 😱 😰 😨 😷 💔 😓 😪 😥 😾 🖕 🤦 😐 😬 <sad>",
}
