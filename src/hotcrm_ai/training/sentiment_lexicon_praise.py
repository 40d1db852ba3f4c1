"""More English words and phrases of praise, of every trade.

Of each sign first the words, then behind bars the phrases of up to four words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PRAISE: Final[Mapping[str, str]] = {
    "great": """
        acclaimed ace aced addictive amazement amazes astonishing astonishingly astounding astoundingly
        awe-inspiring awed badass beloved bliss blissful blissfully breathtaking breathtakingly captivated
        cherish cherished classic dazzled dazzles dazzling delectable delight delightfully delights divine dream
        dreamy ecstasy elated enchanted enchanting enthralled enthralling enthusiastic epic euphoric exceeding
        exhilarating exquisitely extraordinarily fab faultless faultlessly genius glorious gloriously glowing
        goodness gratitude groundbreaking heaven hilariously immaculate immaculately impeccably incomparable
        indispensable infectious ingenious ingeniously invaluable irresistible jaw-dropping kickass luscious
        luxurious magic magical magically majestic marvel marvellously marvelously marvels masterful masterfully
        matchless mesmerising mesmerizing mind-blowing mindblowing miracle miraculous mouthwatering nirvana
        obsessed ovation paradise peerless perfection phenomenally priceless prized profound radiant rapturous
        rave raved raving remarkable remarkably revolutionary riveting scrumptious sensational sensationally
        spectacularly spellbinding splendid splendidly splendor standout star-studded stunned stunningly
        stupendous sublimely supreme swoon tantalizing terrifically tour-de-force tremendous tremendously
        triumph triumphant triumphantly unbeatable unequaled unequalled unmatched unparalleled unrivaled
        unrivalled unsurpassed virtuoso visionary wonders wondrous wowed wows zowie
        | a dream come true | a joy | a steal | an absolute must | as good as new | ate it up | best bang for |
        best buy | best choice | best decision | best i have | best i've | best money | best purchase | best
        thing | better than ever | better than expected | better than i expected | beyond my expectations | blew
        me away | blew my mind | can't beat | can't go wrong | can't live without | can't put it down | cannot
        live without | changed my life | could not ask for | couldn't ask for | couldn't be easier | couldn't be
        simpler | couldn't live without | couldn't put it down | cream of the crop | dream come true | exceeded
        all expectations | exceeded my expectations | fell in love | five out of five | flying colors | flying
        colours | hit the jackpot | holy grail | in love with | knocked it out | life changing | like a dream |
        love at first | love how | love it | love that | love the | love this | loved it | made in heaven |
        money well spent | next level | no brainer | not be disappointed | nothing short of | of all time | out
        of this world | page turner | perfect for | pure joy | pure magic | raise the bar | sets the standard |
        so easy | so happy | state of the art | steal at this | take a bow | to die for | top class | top drawer
        | top of the line | top quality | top shelf | top tier | tour de force | truly great | very best | very
        happy | will not be disappointed | won't be disappointed | work of art | works a treat | works like
        magic | works wonders | worth every cent | worth every dollar | worth every penny | worth its weight |
        you will love | you won't be disappointed | you won't regret""",
    "good": """
        able abundance abundant acceptable accessible accolade accolades accomplish accomplished accomplishes
        accomplishing accomplishment accurately achieve achieved achievement achieves achieving adaptable adept
        adequate adequately adjustable admirable admirably admiration admire admired admires admiring adorable
        adorably adoring advantage advantageous advantages adventurous affection affectionate affordably agile
        agily agreeable airier airiest airily airy alert alertly alluring amazed amply amuse amused amusement
        amuses amusing appeal appealing appeals appetite applaud applauded applauding applauds applause
        appreciates appreciating appreciation approachable approval approve apt aptly aromatic artful artistic
        assist assisted assisting assists assurance assured astonish astonished astonishes astute attentively
        attraction attractive attractively authentic award-winning awarded awards bargains beast beaut beauties
        beauty beneficial benefit benefited benefiting benefits blessing blessings bloom bloomed blooming blooms
        bold bonuses boon boost boosted boosting boosts bountiful brainier brainiest brainily brainy bravery
        breakthrough breathable breeze breezy brighter brightly brightness brilliance brisk briskly bulletproof
        butterier butteriest butterily buttery calm calmed calming calmly calms candid capably captivate
        captivates carefree careful carefully caringly celebrated celebrates champ champion champions charm
        charmed charmer charmingly charms cheer cheered cheerful cheerfully cheerier cheeriest cheerily cheery
        cherishes cherishing chic chically clarity classics classier classiest classily cleanly clear clearer
        clearly cleverly clutter-free coherent colorful colourful comfier comfiest comfily comfort comfortably
        comforted comforting comforts commend commendable commended compactly compassion compassionate
        complement complements compliment complimentary complimented complimenting compliments concise
        confidence confident conquer conquered conquering conquers considerate considerately consistent
        consistently constructive contented contentment convenience conveniently coolly cosier cosiest cosily
        cosy courage courteously courtesy cozier coziest cozily craftsmanship creamier creamiest creamily creamy
        creative creatively creativity credible crisper crispier crispiest crispily crisply crispness crispy
        crunchier crunchiest crunchily crunchy cuddlier cuddliest cuddlily cuddly cure cured cures curing
        cushier cushiest cushily cushy customizable cute cutely cutest daintier daintiest daintily dainty dandy
        daring dashing dazzle decently dedicated dedication deft deftly delicacy deliciously delighting
        dependably deserved deserves desirable devotion dignified dignity diligent diligently discerning
        discreet discreetly distinctive diverse durability durably eager eagerly ease eased eases easier easiest
        easing easy-to-use easygoing easygoingly economical economically effective effectively effectiveness
        efficiency efficiently elegance elegantly eloquent empathy empower enchant enchants encourage encouraged
        encouraging endearing endorse endorsed endorses endorsing endure endured endures enduring energetic
        energetically energized engagingly engrossing enhance enhanced enhancement enhances enhancing enjoyably
        enjoyment enjoys enlighten enlightening enrich enriched enriches enriching entertain entertained
        entertainment entertains enthusiasm enticing ergonomic ergonomically evocative exact exactly excel
        excelled excellence excellently excelling excels excite excitement excites excitingly expertise expertly
        expressive eye-catching eye-opening fairness faith faithful faithfully fancy fascinate fascinated
        fascinates fashionable faster fastest fav favorites favourites fearless fearlessly feature-rich feisty
        felicitous finely finesse firm firmly fix fixes fixing flair flatter flattered flattering flatters
        flavorful flavourful flexibility flexible flexibly flourish flourished flourishes flourishing fluent
        fluffier fluffiest fluffily fluffy fluid fluidly focused fond fondness foolproof fortunate fortunately
        fragrant freedom freshest freshly freshness friendliness fulfil fulfill fulfilled fulfilling fulfills
        fulfils functional funnier funniest funnily fuss-free futureproof gain gains generosity generously
        genial gentle gently genuine genuinely gifted giggle giggled giggles giggling gladly gladness glee glide
        glided glides gliding glory glossier glossiest glossily glossy glow glowed glows good-looking goodies
        gorgeously grace graceful gracefully gracious graciously gratified gratifying greatness greet greeted
        greeting greets grin grinned grinning grins growth guilt-free handier handiest handily handsome
        handsomely happier happiest happily happiness hardier hardiest hardy harmonious harmony heal healed
        healing heals healthier healthiest healthily healthy heartfelt heartier heartiest heartily hearty helped
        helpfully helpfulness helps high-end high-quality highlight highlights hits honestly honesty honor
        honored honour honoured hospitable hospitably hospitality humble humor humorous humour imaginative
        imaginatively immersive immersively impartial impress impresses impressing impressively improve
        improvements improves improving indestructible indestructibly informative informatively ingenuity
        innovate innovated innovates innovating innovation innovative insightful insightfully inspiration
        inspire inspires inspiringly instantly instructive integrity intelligence intelligently interesting
        intimate intrigue intrigued intriguing intuitively inventive inventively inviting invitingly jewel
        jewels jolly joyous joys jubilant juicier juiciest juicily juicy keen keeper kick-start kindest kindness
        knowledgeably lasted lasts laugh laughed laughing laughs laughter lavish leakproof legible legibly
        leisurely life-saving lifelike lighter liking livelier liveliest livelily liveliness lively logical
        logically long-lasting longevity longlasting lovable lovably lovelier loveliest lovelily loyally loyalty
        lucid luck luckier luckiest luckily lucky lusciously lush lushly luxuriously luxury mastered mastering
        masterly masterpieces mastery meaningful mellow mellowly memorably merit merits merrier merriest merrily
        merry meticulous meticulously mightier mightiest mightily mighty miracles modernly modest motivated
        motivating mouth-watering movingly multitasking must-have neatly niftier niftiest niftily nifty nimble
        nimbly noble nostalgic nourish nourished nourishes nourishing nourishingly novelty nutritious
        nutritiously odorless odorlessly odourless odourlessly optimal optimism optimistic optimum organised
        organized originally outlast outlasted outlasting outlasts outperform outperformed outperforming
        outperforms outshine outshines painlessly palatable palatably passion patience patiently payoff peace
        peaceful peacefully pearl peppier peppiest peppily peppy perceptive perk perks personable phenomenon
        picturesque pioneering plausible plausibly playful playfully pleases pleasing pleasurable pleasures
        plenty plush plushly poetic poetically poignant polish polished politely pop portably positive
        positively potent powerfully practical practically praiseworthy praising precisely precision premium
        premiumly preserve preserved preserves preserving prestigious prettier prettiest prettily pride
        privileged prize productive productively productivity professionalism professionally proficient profit
        profitable progress promising proper properly protect protected protecting protects punchier punchiest
        punchily punchy punctual punctuality punctually pure purely purr purred purring purrs quaint quicker
        quickest quickness quiet quieter quietly quirky rapid rapidly rational readable readably realism
        realistic realistically reasonable reasonably reasonably-priced reassurance reassured reassuring
        receptive recommendable recommends refined refresh refreshed refreshes refreshingly rejoicing relax
        relaxation relaxed relaxes relaxing reliability reliably relieves relish relished relishes relishing
        remedy reputable rescue rescued rescues rescuing resilient resiliently resolve resolves resolving
        resourceful respect respected respectful respecting respects responsively restore restored restores
        restoring resurrect revive revived revives reviving rewarded rewardingly rewards richly richness
        righteous robust robustly rock-solid romance romantic roomier roomiest roomily roomy rust-free safe
        safely safer safety satisfaction satisfactory satisfies satisfy satisfyingly saver saving savings savor
        savored savoring savors savour savoured savourier savouriest savourily savouring savours savoury savvy
        scenic scenically scratchproof secure securely sensation sensibly sensitive sentimental serene
        serviceable sharply sharpness shine shines shinier shiniest shining shiny shockproof shone silent
        silently silkier silkiest silkily silky simpler simplest simplicity simplified simplifies simplify
        simplifying simply sincere sincerely sincerity skilful skill skilled skillful skillfully skills sleekly
        slick slickly slim slimly smarter smartest smartly smoother smoothest smoothness snappier snappiest
        snappily snug snugly soar soared soaring soars sociable softer softly softness solve solves solving
        soothe soothed soothes soothing soul soulful soundly soundproof spacious spaciously sparkle sparkled
        sparkles sparkling speed speedier speediest speedily speedy spirited spotlessly stability stable stably
        stain-resistant stars steadfast steadier steadiest steadily steady steal sterling sterlingly stimulating
        stout stoutly straightforward straightforwardly streamline streamlined streamlines streamlining strength
        strengths stress-free stronger strongest strongly stunner sturdier sturdiest sturdily style stylishly
        suave substantial subtle subtly succeed succeeded succeeding succeeds successes succulent suitable
        suitably suited suiting suits sumptuous sumptuously sunnier sunniest sunnily sunny sunshine superfast
        superstar supportive supportively supremely sure-footed surpass surpassed surpasses surpassing survive
        survived survives surviving sustainable sweetest sweetly sweetness swift swiftly sympathetic
        sympathetically sympathy tactful tactfully talent talents tasteful tastefully tastier tastiest tastily
        tempting tender tenderly tenderness thanked thankfully thanking thorough thoroughly thoroughness
        thoughtfully thriftier thriftiest thriftily thrifty thrill thrilling thrillingly thrills thrive thrived
        thrives thriving tidier tidiest tidily tidy time-saver timeless timelessly timelier timeliest timelily
        timely timesaver tireless titillating tolerant tops tough tranquil tranquilly transparency transparent
        transparently treasure treasured treasures treasuring treat treats trendier trendiest trendily trendy
        trim trimly triumphed triumphing triumphs trouble-free true trust trusted trustier trustiest trustily
        trusting trusts trusty truth truthful truthfully unaffected unassuming unbreakable unbreakably
        uncluttered uncomplicated undamaged understandable understated unforgettably unobtrusive unobtrusively
        upbeat upbeatly upgradable upgrades upgrading uplifting upliftingly upside uptime usability usable
        usefully usefulness valiant valuably value valued values valuing variety versatility vibrantly
        victorious victory vigor vigorous vigorously virtue virtues vitality vivacious vividly warmer warmest
        warmly warmth waterproof watertight watertightly wealth weatherproof welcome welcomed welcomes
        welcomingly well-balanced well-behaved well-crafted well-executed well-informed well-kept well-lit
        well-mannered well-organized well-paced well-packaged well-rounded well-stocked well-thought-out
        well-written whimsical whiz wholesome wholesomely willing willingly winners wins wisdom wise wisely wit
        withstand withstands withstood wittier wittiest wittily workable workhorse workmanship worry-free worth
        worthier worthiest worthily worthy yummier yummiest yummily zeal zest zesty zippier zippiest zippily
        zippy
        | a blast | a class apart | a delight | a far cry better | a must have | a pleasant change | a pleasant
        surprise | a pleasure | a sight for sore | a snap | a treat | a world of difference | above average |
        above expectations | all day long | all i need | all one could | all one could wish | all smiles | all
        the features | all thumbs up | all you need | an upgrade | and it works | answered all my questions |
        anyone can use | as easy as | as if by magic | as it should | as light as | as new | at a good price |
        at a great price | at ease | at once and | attention to detail | back on track | bang for the buck |
        beats the | beyond compare | beyond reproach | big hit | big improvement | big plus | big step up |
        bigger than it looks | brand new again | bright and clear | built like a tank | by far the | came
        quickly | can do no wrong | can not fault | can't complain | can't fault | can't stop | cannot complain
        | cannot fault | cannot go wrong | cares about | cheaper than | clear as a bell | comes in handy | cool
        to the touch | could listen to | did not disappoint | did the job | did the trick | didn't disappoint |
        dirt cheap and | do not hesitate | do not regret | does a good job | does a great job | does everything
        | does exactly what | does its job | does not disappoint | does wonders | doesn't disappoint | don't
        hesitate | don't miss | don't regret | down to earth | dream to use | ease of use | easier than | easier
        to use | easily the best | easily worth | easy as pie | easy on the | easy peasy | easy to clean | easy
        to install | easy to read | easy to set up | easy to use | ever had | ever made | ever owned | ever seen
        | ever used | every time | everyone loves | exactly as described | exactly right | exactly the | exactly
        what i | exactly what i needed | exceeds my expectations | fair and square | fair price | fantastic for
        | far better | feels good | feels great | feels like new | feels right | feels solid | fell for | few
        flaws | first class | first time i | first try | fits like a glove | fits perfectly | fits well | flies
        by | for life | for once | for peanuts | for the better | free from | free of charge | fresh as | fun to
        | gave me back | get one | get yourself one | gets better | gets the job | gets the job done | gets you
        hooked | give it a try | glad we | go back to | go for it | go to for | goes a long way | goes smoothly
        | goes well with | going strong | good and | good as new | good choice | good deal | good enough | good
        fit | good for | good looking | good quality | good thing | good to go | got it right | got me hooked |
        great buy | great deal | great fun | great quality | grew on me | grows on you | had a blast | had a
        great | had fun | had no issues | had no problem | had no problems | had no trouble | happily recommend
        | happy as | happy to recommend | hard to beat | hard to fault | hard to put down | has never failed |
        has not failed | hasn't failed | have no complaints | have no regrets | head and shoulders above | heads
        and shoulders | help at once | helps a lot | helps me | high marks | high praise | highly recommend |
        highly recommended | hit the spot | hold a candle | holds a charge | holds its own | holds up | holds up
        well | how easy | how well | i am glad | i am happy | i can rely on | i enjoy | i enjoyed | i highly | i
        love | i loved | i miss nothing | i recommend | i was surprised how | i would buy | i would recommend |
        i'd buy | i'd recommend | i'll be back | i'm happy | i'm hooked | i'm in love | impossible to put down |
        in a good way | in good hands | in great shape | in high spirits | in its favor | in one piece | in
        perfect condition | in perfect order | in record time | in safe hands | in seconds | in top shape | is a
        blast | is a hit | is a joy | is a keeper | is a pleasure | is a real | is superb | it just works | it
        works | just right | just what i | keep up the | keeps its charge | keeps its shape | keeps me | keeps
        me warm | keeps on going | keeps up with | keeps us | keeps working | kept its | kept me | kept their
        word | kept us dry | kids love | knew what they | knows its stuff | lasts a long | lasts all day | lasts
        and lasts | lasts for | lasts forever | lasts long | light as a feather | light years ahead | like a
        baby | like a breeze | like a champ | like a glove | like a pro | like a rock | like an angel | like
        butter | like clockwork | like it was made | like new | like the | like velvet | likes it | little gem |
        little wonder | lived up to | lives up to | long life | looks amazing | looks beautiful | looks good |
        looks great | looks like new | lots of fun | love to | made for each other | made it easier | made it
        easy | made life easier | made me laugh | made me smile | made us laugh | makes it easier | makes it
        easy | makes life | makes me happy | makes me laugh | makes me smile | makes sense | makes up for |
        makes us | melts in | more than enough | more than happy | more than satisfied | more than worth | most
        comfortable | much better | much easier | much faster | much happier | much improved | much quicker |
        must buy | must read | must try | my go to | never a dull | never crashed | never crashes | never
        disappoints | never failed | never fails | never fails to | never felt | never had a problem | never
        leaked | never let me down | never lets | never looked back | never miss | never misses | never seen
        better | never went back | nice and | nice touch | nicely done | night and day | no better | no bugs |
        no crashes | no dull | no effort | no fees | no fuss | no glitches | no hassle | no hesitation | no lag
        | no leaks | no longer have to | no longer hurts | no longer need | no mess | no noise | no nonsense |
        no pain | no questions asked | no regrets | no second thoughts | no sign of wear | no signs of wear | no
        smell | no stress | no trouble | no wear | no wonder | none better | none the worse | not a bad | not a
        dull | not a hitch | not a moment | not a problem | not a scratch | not a single complaint | not a
        single fault | not a single hiccup | not a single issue | not a single problem | not bad | not bad at
        all | not been disappointed | not break the bank | not disappointed | not going back | not heavy | not
        let me down | not let you down | not look back | not missed a beat | not once | not regret | not to be
        missed | nothing beats | nothing but praise | nothing comes close | nothing to complain | nothing to
        dislike | nothing to fault | nothing to worry | now i can | of good quality | of high quality | on the
        bright side | on the first try | on the spot | on time and | on top of the | one happy customer | one of
        my favorite | one of my favourite | one of the better | one of the easiest | one of the finest | one of
        the greatest | out of the box | outdid themselves | outdone themselves | over and over | own two of |
        paid for itself | passed the test | pays for itself | peace of mind | perfect fit | perfect size |
        performs well | pick me up | picked it up quickly | piece of cake | pleasant surprise | pleasantly
        surprised | plenty of | plug and play | positively surprised | pretty good | pretty well | pros outweigh
        | proud owner | pure fun | put a smile | put my mind at | quality product | quick and easy | quick to |
        quite good | quite happy | quite impressed | quite pleased | real bargain | real deal | really good |
        really nice | really well | really works | recommend it | recommend this | recommend to | recommended to
        | right first time | rock solid | runs cool | runs great | runs like | runs smoothly | runs well | safe
        bet | saved a lot | saved hours | saved my | saved the day | saves a lot | saves hours | saves me time |
        saves money | second one | sets up in | sharp as | simple to | sit back and | sits well | sleep like |
        slept like | smells great | smells lovely | smooth sailing | so good | so much better | so much easier |
        soft to the touch | solid as a rock | solid build | solved my problem | solved the problem | something
        for everyone | sounds amazing | sounds lovely | speaks for itself | spot on | stands out | stands the
        test | stays cool | stays in place | stays put | stays sharp | steps ahead | still holds | still like
        new | still looks new | still love it | still runs | still strong | still works | stood the test |
        stress free | strong and | strongly recommend | sturdy enough | super fast | sure thing | takes a
        beating | takes great | takes no time | tastes delicious | tastes great | tastes like home | ten out of
        | test of time | thank god | thank goodness | the best of both | the best part | the best price | the
        easiest | the greatest | the nicest | the perfect | the real deal | they care | thing of beauty | thinks
        of everything | thought of everything | threw at it | throw at it | thumb up | thumbs up for | time
        saver | to perfection | to the point | took to it | top marks | top notch | top of its class | tops the
        | treat to | treat yourself | tried and true | trouble free | two thumbs | two years later | under
        budget | up and running | very accurate | very bright | very clean | very clear | very comfortable |
        very convenient | very durable | very easy | very fast | very good | very handy | very impressed | very
        nice | very pleased | very quick | very quiet | very satisfied | very sharp | very simple | very sturdy
        | very stylish | very tasty | very useful | very well | want another one | wanted for years | warm and |
        was a breeze | was a hit | was worth | way ahead of | way better | we enjoyed | we love | we loved |
        we'll be back | well balanced | well crafted | well looked after | well packaged | well pleased | well
        priced | well put together | well received | well spent | well stocked | well suited | well written |
        went above | went out of | went smoothly | what a deal | what a difference | what a find | what a joy |
        what a pleasure | what a relief | what a treat | what i expected | what i wanted | what more could you |
        will come again | will return | win win | with a smile | with ease | with flying | with flying colours |
        with pleasure | without a fuss | without a glitch | without a hiccup | without a problem | without a
        single | without any fuss | without any hassle | without any trouble | without breaking the bank |
        without effort | without fail | without hesitation | without issue | without issues | without trouble |
        won me over | won't leave home without | wonderful job | worked fine | worked great | worked perfectly |
        worked well | works as expected | works as it should | works beautifully | works every time | works
        first time | works flawlessly | works just as | works just fine | works like new | works out of the |
        works really well | works right | works so well | works very well | works without | works wonderfully |
        worth a look | worth a try | worth a visit | worth buying | worth checking out | worth having | worth it
        all | worth more than | worth reading | worth seeing | worth the extra | worth the investment | worth
        the money | worth the price | worth the wait | worth watching | would buy again | would buy it again |
        would buy this again | would go again | would not part | would not trade | would not want to | would
        recommend | would stay again | wouldn't change a thing | wouldn't trade | you can rely on | you can
        trust | you can't go wrong | you get a lot | you get what you | you need this""",
}
