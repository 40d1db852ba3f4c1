"""More English words and phrases of blame, of every trade.

Of each sign first the words, then behind bars the phrases of up to four words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BLAME: Final[Mapping[str, str]] = {
    "awful": """
        abhor abhorrent abominable abomination agonizing agony amateurish apocalyptic appallingly arse asinine
        atrociously atrocity awfully awfulness barbaric bastard bastards bloody bollocks butchered calamity
        cesspool charlatan cheat cheated cheaters cheating con-artist conned contempt contemptible crappiest
        criminals cruel cruelty cursed debacle deceit deceitful deceive deceived defraud defrauded degrading
        dehumanizing demeaning deplorable depraved desperate despicable despised detest detestable detested
        devastated devastating diabolical disgustingly disgusts dismal dismally disrespect disrespected
        distasteful dreaded dreadfully dumb dumbest dumpster egregious embarrassingly enraged enrages evil
        excruciating excruciatingly execrable extortion extortionate farce farcical fiendish filth foul
        frightening fuckers ghastly god-awful godawful gouging grotesque gruesome harass harassed harassing
        harassment heinous hellish hogwash horrendously horribly horrific horrified horrifying horror hostile
        humiliated humiliating idiocy idiot imbecile imbeciles inept ineptitude inhumane insufferable
        intolerable ire irredeemable junk lame-ass laughable laughingstock ludicrous malicious menace miserably
        moron morons murder nastiest nasty nauseating nauseous negligence negligent nightmares nightmarish
        obnoxious obscene offended offensive outrage outrageously outrages paperweight pathetically perverse
        piss pissed poison poisonous preposterous racist rage raging rancid reek reeks repellent reprehensible
        repugnant repulsive revolting rip-offs robbed rotten rotting ruinous sadistic scandal scandalous
        scoundrel screwed-up scum shambles shite shittiest sickened sickening sickens sleazy slimy spiteful
        stomach-churning stupidest stupidity swindle swindled swindlers terribly terrified terrifying thieving
        torment torture tortured torturous trainwreck trashy travesty treacherous tripe turd ugliest unbearably
        unconscionable unforgivable unlawful unreadable unspeakable untrustworthy unwatchable vicious vomit
        vulgar wasting wretched yuck yucky
        | a big mistake | a complete mess | a disaster | a disgrace | a ripoff | a train wreck | absolute
        garbage | absolute junk | avoid like the plague | avoid this | be warned | beyond repair | big
        disappointment | biggest mistake | biggest waste | bunch of junk | buyer beware | can't stand | complete
        disaster | complete failure | complete junk | complete rip off | completely useless | could not stand |
        couldn't stand | crock of | dead on arrival | do yourself a favor | don't buy it | don't buy this |
        don't even think | don't fall for | don't get it | don't waste your | dumpster fire | epic fail |
        extremely disappointed | extremely poor | flaming garbage | for the trash | get what you deserve | go to
        hell | goes straight to | good for nothing | hate it | hate that | hate this | hate when | heap of | how
        not to | hunk of junk | i despise | i hate | in the bin | in the trash | into the bin | into the trash |
        junk it | keep away from | money down the drain | money grab | most annoying | never buy again | never
        buy another | never ever | never purchase | nightmare to | no redeeming | of the worst | oh my god no |
        one of the worst | out of business | pain in the ass | pain in the neck | piece of crap | piece of
        garbage | piece of junk | piece of trash | pile of | poor excuse | pure garbage | rots your | run away |
        sham of | should be ashamed | should be illegal | sick to my stomach | slap in the face | so called | so
        disappointed | stay far away | steer clear | straight in the bin | stupid thing | threw it | threw it
        away | threw it out | throw it away | throwing it away | thrown out | total crap | total disaster |
        total failure | total junk | total waste | totally useless | train wreck | utter disappointment | utter
        garbage | utterly useless | very disappointed | very disappointing | very poor | want it back | waste
        your money | waste your time | wasted money | wasted my money | worse than | worst i have | worst i've |
        worst purchase | worst thing | would give zero | wouldn't wish | you will regret | you'll regret""",
    "bad": """
        abandon abandoned abandoning abandons abnormal abrasive abrupt abruptly absence absent abuse abused ache
        aches aching acidic adversely afraid aggravate aggravated aggravating aggravation aggressive aimless
        alarming alarmingly alas alienating allergic allergy amiss anger angers angrier angrily annoy annoyance
        annoyances annoyingly antiquated anxiety anxious apathetic apathy archaic arrogance arthritic artificial
        askew atrophied aversion avoid avoided avoiding avoids awkwardly babble backward backwards baffle
        baffled baffles baffling baldly banal bastardized batter bedbugs belittle bemused betray betrayal
        betrayed beware bewilder bewildered bewildering bewilders bitter bitterly bitterness blame blamed blames
        blaming bleak bled bleed blemish blemishes blinding blindingly blister blisters bloated bloatware
        blocking blot blotchy blunder blunders blunt blurs bogged bogus bombard bombarded bombarding bombards
        bore boredom bores botch botched botches botching bother bothered bothering bothers bothersome brash
        breakage brittle broken-down bruise bruises brutal brutally bugbear bullied bully bumbling bummed bummer
        bumpier bumpiest bumpily bumpy bungle bungled bungles bungling burden burdensome burr butcher cacophony
        calamitous callous cardboard carelessly carelessness caricature caution chafe chafed chafing chaotically
        cheapens cheapo cheesy chemical chewy chintzy choppier choppiest choppily choppy chore clash
        claustrophobic cliche cliched cliches clog clunker clunkier clunkiest clunkily clutter cluttered coarse
        cockroach cockroaches cockup cocky coldness comatose commotion complains complicate compromise
        compromised concern concerns condemn conflict confuse confuses confusingly confusion contaminated
        contradict contradictory contradicts convoluted corny costly counterfeit counterintuitive
        counterproductive cracks cramp cramped cramps cranky crappier crappily craving crawl crawled crawling
        crawls creak creakier creakiest creakily creaking creaks creaky creases creep creeps creepy crept cringe
        cringeworthy critical criticism criticize crooked crude crumble crumbled crumbles crumblier crumbliest
        crumblily crumbling crumbly crumbs crummy cryptic curse curses cursing cynical damaging damp danger
        dangerously dated deafening deafeningly deal-breaker dealbreaker debris decay deceives deceiving
        deception decline declines declining defiance deficiency deficient deflate deflated degrade degraded
        degrades dejected delaying delusional demoralizing dents denying dependence deplore depressed depressing
        depression deprived derivative derogatory desolate despair destroy destroying destroys deteriorate
        deteriorated deteriorates deteriorating detesting detests detract detracts detriment detrimental
        difficult difficulties difficulty diminish diminished dingier dingiest dingily dingy disadvantage
        disadvantages disagree disappear disapprove disarray disbelief discard discarded discarding discards
        discolor discolored discoloured discomforts disconcerting discontent discourage discouraged discouraging
        discrepancy disgruntled disgust disheartened disheartening dishonesty disillusioned disinterested
        disjointed dislike disliked dislikes disliking dismay dismayed dismaying dismissed disorder disorganised
        disoriented disparaging displeased displeasure disposable disregard disrupt disrupted disruption
        disruptive dissatisfaction dissatisfying distort distorting distortion distorts distract distracted
        distracting distraction distracts distress distressed distressing distrust disturb disturbed disturbing
        disturbs ditch ditched ditches ditching dizziness dizzy dodgier dodgiest dodgily dodgy doomed doorstop
        doubtful doubts downer downfall downgrade downgraded downhill downside downsides drab drag dragged
        dragging draggy drags drain drained draining drains drawn-out dread dreading dreads drearier dreariest
        drearily drips droopy drowsy dubious dud dulls dumbed dummy dumped dumping dumps dustier dustiest
        dustily dusty echo eerie ego embarrass embarrassed emptiness endless enemy enrage eroded error-prone
        evasive exaggerate exaggerated exaggerates exasperated exasperating exasperation excessive excessively
        exhaust exhaustion exhausts exorbitant exploit exploited eyesore eyesores fad faded fades fading
        failings faint fake faked fakes fallen fallout false falsely famished fatality fatally fatigue fatigued
        faulted faults fear feared fearful fearing fears feeble fickle fiddle fiddlier fiddliest fiddlily
        fidgety filler filthier filthiest filthily flabby flake flaked flakes flakier flakiest flakily flaking
        flaky flaws fleas fled flee flicker flickering flickers flimsiness flop flopped floppier floppiest
        floppily floppy flops fluff fluke flustered foggy foolish forget forgets forgetting forgot formulaic
        foully fragile frail frantic frayed fraying freakish freezing-cold fright frightful frivolous frown
        frumpy frustrate frustratingly frustrations fumble fumbled fumbles fumbling fumes fungus fuss fussy
        fuzzier fuzziest fuzzily fuzzy gap gaps garbled garish gaudier gaudiest gaudily gaudy gibberish gimmick
        gimmicks gimmicky glare glaring glitched gloomier gloomiest gloomily gloomy glum goofy gouge gouged
        gouges grainier gratuitous greasier greasiest greasily greasy greed greedier greediest greedily greedy
        greyish greyishly grief grievance grieve grim grime grimier grimiest grimily grimy grind grinds griping
        grittier grittiest grittily gritty grouchy grubbier grubbiest grubbily grubby grudge grueling gruelling
        gruff grumble grumbled grumbles grumbling grumpier grumpiest grumpily grumpy guesswork guilt guilty
        gullible gunk hairs half-baked half-dead half-finished half-hearted halfhearted hamper hampered
        hampering hampers haphazard hapless harm harmed harmful harming harms harsh harshly hassles hasty
        haughty haunt haunted haunting haunts hazard hazardous hazier haziest hazily hazy headache headaches
        heartache heartbreak heartbreaking heartbroken heartless hectic hesitant hesitate hiccup hiccups hid
        hide hideously hides hiding hinder hindered hindering hinders hindrance hissing hoarse hoax hobbled
        holes hollow hopelessly hubris hum humdrum humming hurt hurting hyped hypocrite hypocritical ickier
        ickiest ickily icky idle idlely ignorance ignorant ignorantly ill ill-advised ill-conceived ill-fitting
        illegal illegible illegibly illogical imbalance immature immoral impatience impatient impede imperfect
        imperfection imperfections impersonal impolitely impractical imprecise improbable improper improperly
        impure impurely impurities inability inaccessible inaccuracies inaccuracy inaction inadequacy inadequate
        inadequately inane inappropriate inattentive incapable incoherent incomprehensible inconsistencies
        inconsistency inconsistent inconveniences inconveniently indecisive indifference inedible inedibly
        ineffective ineffectual inefficient inelegant inexact inexactly inexperienced inexplicable inexplicably
        inferiority inflammatory inflated inflexible infuriate inhospitable inhuman inhumanly injure injured
        injures injuries injuring injury inoperable insecure insecurely insensitive insignificant insincere
        insipid insomnia instability insufficiently insultingly insults interfere interference interferes
        interminable intermittent intermittently interrupt interrupting interrupts intimidating intolerant
        intrude intruded intrudes intruding intrusive invalidly invasive irrational irrelevant irresponsible
        irritable irritant irritate irritates irritation irritations itch itchier itchiest itchily itchy jaded
        jagged jarring jealous jerk jerkier jerkiest jerkily jerky jitterier jitteriest jitterily jittery junked
        junking junks junky knock-off knockoff knots laborious laboriously lackadaisical lacked lackingly
        lackluster lacklustre landfill layoff lazier laziest lazily laziness leaden leakier leakiest leakily
        leaks leaky lemons lethargic lie lifeless lifelessly limit limitation limitations limited limiting
        limits limp limped limping limply limps littered loathed loathes loathing loathsome lonely loophole
        looses lopsided lose loser losers loss losses loudly lousier lousiest lousily low-quality low-rent
        lukewarm lukewarmly lumpier lumpiest lumpily lumps lumpy lurid maddening malfunctions mangled
        manipulative marred mash mayhem meager meagre meandering meaningless mediocrely mediocrity melodramatic
        menacing messed messes messier messiest messily messing migraine mildew mind-numbing mindlessly
        mindnumbing mirthless misaligned misbehave miscalculated misfire misfires misfit misguided mishandle
        mishandled mishandles mishandling mishap mishaps misinformation misinformed misjudged mislead
        misleadingly misleads misled mismanaged mismatch mismatched misprint misprints misrepresent
        misrepresented miss misses missteps mistaken mistreated mistrust misunderstood misuse mites moan moaned
        moaning moans mock mocked moldier moldiest moldily moldy money-pit monotone monotonous monotonously
        monotony moody moot mope mouldier mouldiest mouldily mouldy muddier muddiest muddily muddle muddled
        muddles muddling mumbled mundane murkier murkiest murkily murky mushier mushiest mushily mushy mustier
        mustiest mustily musty mutter nag nagged nagging naggy nags naive narrow-minded nastier nastily nausea
        needless needlessly needy negative neglect neglecting neglects nerve-racking nervous nickel-and-dime
        niggle niggles nitpick nits noisier noisiest noisily nondescript nonexistent nonfunctional nonsensical
        nosier nosiest nosily nosy notorious nuisance nuisances numb numbly numbness oblivious obscure obscured
        obsolete obstacle obstacles obstruction odd oddly odor odors odour odours offend offending offends oily
        ominous onerous opaque oppressive ordeal outdated overbearing overblown overcharges overcharging
        overcomplicated overcooked overcrowded overdone overhyped overkill overlong overlook overlooked overly
        overpowering overpricing overpromise overpromised oversalted oversaturated oversensitive oversight
        oversized overused overweight overwhelmed overwhelming overwrought pained painfully pang panic panicing
        panics paper-thin paranoia paranoid patchier patchiest patchily patchy patronising patronisingly
        patronizing peel peeled peeling peels peeve perplexed perplexing pesky pessimistic pester pestered
        pestering pesters pettier pettiest pettily petty phonier phoniest phonily phony picky piecemeal pitfall
        pitfalls pitiful pitifully pity pixelation plagiarized plague plagued plagues plaguing plastic-y plod
        plodding pointlessly pompous ponderous poorer poorest poorly-made postpone postpones postponing pout
        powerless precarious predatory prejudiced pretend pretentious prevent prevented preventing prevents
        pricier prick primitive primitively prohibitive prone propaganda punier puniest punily punish punished
        puny puzzle puzzled puzzles puzzling puzzlingly quarrel questionable quibble quibbles quirks racket
        ramble rambled rambles rambling ramshackle rash rashes raspy reckless recoil red-tape redundant reeked
        reeking regrets regrettable regrettably rehashed reject rejecting rejects relentless reluctant
        reluctantly repetitious repetitive repetitively repulsed resent resentful resentment residue restless
        restrain restrained restraining restrains restrict restricted restricting restrictive restrictively
        restricts ricketier ricketiest ricketily rickety ridicule ridiculously rigid rigidity rip risk riskier
        riskiest riskily risks risky rough roughly rubberier rubberiest rubberily rubbery rudely rudeness
        ruinously run-down rundown runnier runniest runnily runny rushed rust rusted rustier rustiest rustily
        rusting rusty sabotage sabotaged sabotages sabotaging sag sagged saggier saggiest saggily sagging saggy
        sags saltier saltiest saltily sarcastic scalding scaldingly scams scant scarce scare scared scares
        scarier scariest scarily scars scatter scattered scold scolded scolding scolds scorched scorn scrap
        scraped scrapes scrapped scrapping scraps scratch scratched scratches scratching screams screech
        screeching screechy screw-up screwup scuffs second-rate seepage selfish senseless senselessly setback
        severe severely shabbier shabbiest shabbily shabby shakier shakiest shakily shaky shallowly sham
        shambolic shards shatter shattered shattering shatters shiftier shiftiest shiftily shifty shock shocked
        shocking shockingly shoddier shoddiest shoddily short-lived shortcoming shortcomings shortfall
        shortfalls shout shouted shouting shouts shrank shred shredded shrieking shrill shrink shrinks shrunk
        sick sickeningly sickly sickness sillier silliest sillily silly simplistic sinister sinisterly skeptical
        sketchier sketchiest sketchily sketchy skimpier skimpiest skimpily skimpy skips slackness sleazily
        slimier slimiest slimily sloppier sloppiest sloppily sloppiness slowdown slowdowns slower slowest
        slowness sludge sluggishly slurred smarmy smear smeared smears smell smelled smellier smelliest smellily
        smelling smells smelt smokier smokiest smokily smoky smudge smudges smug snag snags snarky sneaky snob
        snobbish snobby sob soggier soggiest soggily soggy sorely sores sorrow soulless soullessly sour sourly
        spammed spamming spams spied spies splinter splinters spoil spoilage spoiled spoiling spoils spottier
        spottiest spottily spotty spy spying squander squandered squeak squeaking squeaks squeaky squeal
        stagnant stain stained stains staleness stalled stalls startled steep steeply stench stereotype
        stereotypical stickier stickiest stickily stickiness sticky stiff stiffly stiffness stifling stilted
        stingier stingiest stingily stingy stinker stinking stinkingly stinky stodgier stodgiest stodgily stodgy
        strain strained strangely streakier streakiest streakily streaks streaky stress stresses stressfully
        stressing struggle struggled struggles struggling stubborn stuffier stuffiest stuffily stuffy stumble
        stumbled stumbles stunted stupidities stupidly stutter stuttering stutters sub-par subpar substandard
        sucker suffer suffered suffering suffers sugarier sugariest sugarily sugary sulk superficial suspect
        suspicion suspiciously swear swearing sweatier sweatiest sweatily sweaty swelling swollen swore syrupy
        tackier tackiest tackily tacky tainted tangle tangled tangles tantrum tarnish tarnished tastelessly tat
        tattier tattiest tattily tatty tear tearing tediously tedium temper temperamental tense tensely tension
        terse thick-headed thoughtless thoughtlessly threadbare threat threaten threatened threatening
        threateningly threatens throwaway thud thwart tin-eared tinnier tinniest tinnily tinnitus tire tires
        tiresomely toothache toothless tore torrid toxically toxins toy-like tragic trap traps trashier
        trashiest trashily traumatic traumatically trick tricked trickery trickier trickiest trickily trite
        trivial troubled troublesome tumble turmoil twisted typos uglier uglily ulcers unacceptably unappealing
        unappealingly unappetizing unattractive unattractively unauthentic unavoidable unaware unbalanced
        uncaringly uncertain uncharged uncivil unclean unclearly uncontrollable unconvincing unconvincingly
        uncooked uncooperative undecipherable undependable undercooked underdeliver underdelivered
        underdelivering underdelivers undermine undermines underperform underperforming underperforms
        underpowered underwhelm underwhelmed underwhelmingly underwhelms undesirable undeveloped undignified
        undrinkable undrinkably unease uneasy uneatable uneatably unendurable unendurably unethically
        unexplained unfairly unfaithful unfinished unfit unfitly unfocused unforgivably unforgiving unfulfilled
        ungrateful unhappiness unhealthy unhelpfully unhygienic unhygienically unimaginative uninformative
        uninformed uninstall uninstalled uninstalling uninstalls unintelligible uninterested uninviting unjust
        unjustified unkind unkindly unlikable unlikeable unlistenable unlistenably unlucky unmotivated unnatural
        unnecessary unnerving unoriginal unpaid unpalatable unplayable unplayably unpleasantly unpolished
        unpredictable unpredictably unproductive unprofessionally unravel unraveled unraveling unreadably
        unrealistic unrealistically unreasonable unreasonably unreliability unreliably unresolved unresponsively
        unrest unruly unsafely unsanitary unsatisfying unsatisfyingly unsettling unsettlingly unsightly
        unskilled unstable unstably unsteady unsuccessful unsuccessfully unsuitable unsuitably unsupported
        unsure unsympathetic untested untidy untrue unusably unwanted unwearable unwearably unwelcome
        unwelcomely unwell unwieldy unwilling unwise unworkable unworthy uproar upsets uptight uselessly vacant
        vacuous vague vaguely vain vapid vengeance venomous vermin vexing victim vilely vindictive violate
        violated violates violation violent violently volatile vulnerability vulnerable wack warn warned warning
        warp warped warps wart warts wary washed-up wasteful wastefully wastes watered-down waterier wateriest
        waterily watery weaken weakened weakening weakens weaker weakest weakly weakness weaknesses wearier
        weariest wearily wearisome weary weeds weep weirdly whim whine whined whines whining whiny wilt wimpier
        wimpiest wimpily wimpy wobble wobbled wobbles wobblier wobbliest wobblily woe woeful woefully woes
        wonkier wonkiest wonkily wonky wordier wordiest wordily wordy worms worn worn-out worries worrisome
        worryingly worsen worsened worsening worsens worthlessly wound wounds wreck wreckage wrecked wrecking
        wrecks wrinkled wrinkles wrongly yawn yawning yell yelled yelling yells yuckier yuckiest yuckily zapped
        | a bit much | a bore | a bother | a bust | a cheap copy | a chore | a con | a far cry from | a fault |
        a flaw | a hassle | a headache | a joke | a let down | a lost cause | a mess | a nuisance | a pig to | a
        poor | a poor substitute | a rip | a sad | a sham | a shame | a step back | a step backwards | a step
        down | a tad too | a trap | a turn off | act together | after a week | after all that | after just |
        after only | all it does is | all over again | all over the place | all sizzle | all talk | and then it
        | anything but | apart from that nothing | are broken | as bad as | as if it were | as thin as | ashamed
        of | at a snail's pace | at best | at fault | at half the price | awkward to | back and forth | back to
        square one | bad idea | bad taste | bare minimum | barely any | barely audible | barely charges | barely
        enough | barely ever | barely fits | barely hear | barely holds | barely lasted | barely lasts | barely
        made | barely worked | barely works | because it broke | before it broke | before it died | below
        average | below expectations | below par | beneath contempt | better elsewhere | better off with |
        better off without | better ones | better options | beyond me | big let down | big letdown | bit of a |
        bitter taste | bored me | bored to | bored to death | bored to tears | break down | breaks down | breaks
        easily | bring back the | bring it back | broke my heart | brought it back | bug ridden | buggy mess |
        can be improved | can hardly | can not | can't be bothered | can't be used | can't believe | can't
        compare | can't even get | can't figure | can't hear | can't imagine why | can't keep | can't make sense
        | can't put | can't read | can't stay | can't trust | cannot be trusted | cannot be used | cannot hear |
        cannot recommend | cannot use | cash grab | caught fire | caused damage | cheap and nasty | cheap feel |
        cheap made | cheap material | cheap plastic | cheaply made | comes apart | comes loose | comes undone |
        complete waste | cost me | costs more than | costs too | could barely | could be better | could be
        improved | could do with | could do without | could hardly | could not be | could not find | could not
        finish | could not get | could not recommend | could not sleep | could not use | could use | couldn't
        care less | couldn't finish | couldn't hear | couldn't recommend | couldn't sleep | couldn't wait to
        leave | cut corners | cut off my | cuts out | dark and | days late | dead end | deal breaker | dear for
        | did not care | did not come | did not fit | did not get | did not help | did not know | did not last |
        did not like | did not live up | did not meet | did not show | did nothing | didn't care | didn't come |
        didn't fit | didn't get | didn't help | didn't know | didn't last | didn't like | didn't live up |
        didn't meet | didn't seem | didn't show up | dies on | difficult to | do not expect | do not like | do
        not need | do not think | do not trust | does not come | does not compare | does not cut it | does not
        deserve | does not even | does not feel | does not fit | does not help | does not hold | does not
        justify | does not last | does not like | does not live up | does not look | does not make | does not
        seem | does not stay | does nothing | doesn't come with | doesn't compare | doesn't cut it | doesn't
        deserve | doesn't even | doesn't feel | doesn't fit | doesn't help | doesn't hold | doesn't justify |
        doesn't know | doesn't last | doesn't live up | doesn't look | doesn't make | doesn't make sense |
        doesn't seem | doesn't support | don't believe | don't bother with | don't care | don't care for | don't
        deserve | don't expect | don't expect much | don't get me wrong | don't know why | don't like | don't
        need | don't think | don't trust | down the drain | down the toilet | drag on | drags on | dried up |
        drive you mad | drives me crazy | drives me mad | drives me nuts | drives you crazy | drives you mad |
        drove me crazy | drove me mad | dull and | dull as | dying after | eats batteries | eats through | even
        worse | every few minutes | every other | expected a lot more | expected so much | expensive for |
        falling off | falls apart | falls flat | falls off | falls over | falls short | far from | feels flimsy
        | feels like a toy | feels like plastic | fell flat | fell off | fell over | fell short | few days later
        | fewer features | for no reason | for nothing | for the worse | forget about | forget it | full of ads
        | full of bugs | full of errors | full of holes | gave me a headache | gave up | get annoying | get rid
        of | gets annoying | gets hot | gets in the way | gets old | gets stuck | gets worse | give up | given
        up | giving up | go wrong | goes downhill | goes off | goes out | going back to | gone after | gone by |
        gone downhill | good money after | good riddance | got rid | got sick | got worse | had enough of | had
        hoped | hair in | half a star | half as good | half broken | half empty | half of what | half the | half
        way through | hard on | hard pressed | hard to believe | hard to clean | hard to find | hard to follow |
        hard to get | hard to hold | hard to open | hard to press | hard to reach | hard to understand | hard
        work | hardly any | hardly works | has gone | has to be replaced | hate how | hated it | have to pay |
        heart sank | held together | high price | hit and miss | hit or miss | hole in | hope for | hours of |
        how bad | how disappointing | hurt my | hurts my | hurts to | i could not | i didn't like | i do not
        like | i don't like | i doubt | i expected | i expected better | i expected more | i gave up | i had
        hoped | i hate how | i hoped | i lost | i miss | i miss my | i miss the | i returned | i should have | i
        thought | i was hoping | i wish they | i wished | i would rather | i'd rather | if only | if you can |
        if you enjoy | ill fitting | ill thought | impossible to | in a landfill | in half | in pieces | in poor
        taste | in real life | in the garbage | in the wrong | in vain | instead it | is a joke | is a lie | is
        a pain | is beyond | is gone | is missing | is nowhere | is off | isn't good | isn't great | isn't worth
        | it broke | it could have been | it died | it hurts | it lacks | it's a shame | it's hard | junk drawer
        | keep your money | lack the | lacks the | leave a | leaves a lot | leaves marks | leaves much | leaves
        you | led to | left a lot | left me with | left out | left us | less for more | less than | let downs |
        like a brick | like a cheap | like cardboard | like dirt | like hell | like plastic | like rubbish |
        little more than | little too | lives up to nothing | long wait for | long winded | look cheap | looks
        cheap | looks nothing like | loses its | lost interest | lost its charm | lost money | lot to be desired
        | low quality | made a mistake | made in a hurry | made it worse | made me sick | made of cheap | makes
        a mess | makes a noise | makes everything | makes it hard | makes it worse | makes me sick | makes no
        sense | makes noise | makes you | many bugs | mediocre at best | might as well | might have been |
        missed opportunity | missed the mark | misses the mark | missing the | mistake to | more expensive |
        more expensive than | more harm than good | more like a | more than once | more than they should | more
        trouble than | much to be desired | much too | must have been | my complaints | my mistake | my problem
        with | my regret | near impossible | near useless | need improvement | needs improvement | needs to be |
        needs work | neither of | never able to | never buy from | never charged | never fit | never fits |
        never got to | never had such | never know | never lasts | never liked | never made it | never opened |
        never quite | never stays | never worked | never works | no attention | no better than | no chance | no
        control | no credit | no depth | no effect | no flavor | no flavour | no fun | no good | no good reason
        | no idea why | no improvement | no instructions | no interest | no longer available | no longer works |
        no more than | no one cares | no option | no plot | no point | no real | no replacement | no results |
        no sense | no sound | no substance | no support | no taste | no thank | no thanks to | no thought | no
        use | no value | no warmth | no water | nobody cares | nobody needs | nobody wants | none of it | none
        of the | none of them | not a fan | not a fan of | not a good | not a single | not able | not accurate |
        not as advertised | not as described | not as expected | not as fast | not as fresh | not as nice | not
        as pictured | not as sharp | not as strong | not at all | not be able | not bright enough | not buy |
        not buying | not clean | not clear | not comfortable | not convinced | not deliver | not designed | not
        durable | not easy | not enough | not even close | not even once | not exactly | not fast | not fit |
        not fit for | not fixed | not for me | not fun | not funny | not going to | not honest | not hot | not
        how | not improved | not keep | not last | not like | not like the | not live up | not long before | not
        looking | not loud enough | not made | not made for | not meant | not much | not my cup | not nearly |
        not new | not pleased | not quite | not ready | not really | not recommend | not recommended | not
        reliable | not safe | not satisfied | not sharp | not smooth | not so good | not so great | not stable |
        not stay | not strong | not strong enough | not sturdy | not sure why | not that good | not that great |
        not the case | not the same | not thrilled | not tight | not true | not use | not useful | not user |
        not very good | not very useful | not well | not without | not worth it | not worth the | nothing but |
        nothing but problems | nothing but trouble | nothing fits | nothing good | nothing great | nothing like
        | nothing more than | nothing new | nothing special | nothing to do with | nothing to write | nothing
        works | now it | nowhere near | nowhere to be | of no use | of poor | off center | off putting | off the
        mark | off to the | old and tired | on its last legs | on the cheap | on the downside | one big | one
        complaint | one gripe | one hour late | only annoyance | only con | only drawback | only flaw | only
        half | only if | only issue | only lasts | only negative | only problem is | only thing i | only works |
        only works if | ought to be | out of date | out of focus | out of luck | out of place | out of sync |
        out of tune | out of warranty | over and done | over priced | over rated | over the top | overall
        disappointing | overly complicated | paid extra | paid for something | paid twice | pain to | pain to
        use | paper thin | part fell | passes for | past its | pay extra | pay more | pay through the nose |
        plain bad | poor battery | poor design | poor excuse for | poor job | poor performance | poor quality |
        poor sound | poorly built | poorly designed | poorly thought | poorly written | prone to | put me off |
        puts me off | quite a let down | quite bad | quite poor | ran out | ran out of | rather have | really
        bad | refund me | rubbed off | rubs off | ruined my | run of the mill | run out | runs hot | runs out of
        | runs small | same old | save your | save yourself | seemed like a good | seems cheap | seems to be |
        send back | sends you | sent back | sent it straight back | serious problem | shame about | short of |
        should be better | should come with | should know | should not be | should not have | shut itself | sick
        after | sick and tired | silly price | slow and | slow to | smells awful | smells bad | smells like |
        smells of | so called support | so dim | so disappointing | so loud | so poor | so quiet | so thin | so
        weak | some reason | sorry but | sort of works | spare yourself | spend more time | spent hours | spent
        more time | spent the night | started to smell | starts to | stay in business | still broken | still
        does not | still does not work | still doesn't | still don't know | still in the | still wet | stopped
        after | stopped using | straight back | straight to the | stuck with | stupid design | supposed to be |
        takes ages | takes an eternity | takes forever and | takes too long | takes up too | taste of plastic |
        tastes awful | tastes bad | tastes bitter | tastes like | tastes of | than i paid | the only good | the
        problem | the problem is | the problem with | the trouble | the worst | they don't care | they refused |
        thin and | think again | think twice | thought it would | thought this would | threw up | time consuming
        | time waster | to be desired | to my disappointment | to my dismay | to nothing | to throw away | tons
        of bugs | too bad | too bad that | too basic | too big | too bitter | too boring | too bulky | too cheap
        | too close | too cold | too complicated | too costly | too cramped | too dark | too dim | too dry | too
        easy to break | too fast | too few | too flimsy | too fragile | too hard | too heavy | too high | too
        hot | too large | too little | too loud | too low | too many ads | too many bugs | too much noise | too
        much trouble | too narrow | too noisy | too oily | too old | too pricey | too quiet | too salty | too
        sensitive | too short | too simple | too small | too soft | too spicy | too stiff | too sweet | too thin
        | too tight | too weak | too wide | took ages | took hours | took weeks | tries too hard | trips over |
        try something else | trying too hard | turned out to be | turned to | turns to | ugly and | unless you |
        unlike the | up and died | up to par | upside down | use it anyway | used to be | used to be better |
        used to love | very annoying | very bad | very boring | very cheap | very cheaply | very cold | very
        difficult | very dirty | very flimsy | very hard | very heavy | very hot | very limited | very loud |
        very noisy | very rude | very slow | very small | very thin | very uncomfortable | very weak | wake up
        call | walked out | was broken | was cold | was dirty | was gone | was late | was lost | was missing |
        was rude | was the last | waste of a | waste of space | waste of time | waste time | watered down | way
        off | way over | way too much | we could not | we left early | wears off | wears out | went back | went
        back to my | went down | went downhill | went out | what a disappointment | what a disaster | what a let
        down | what a mess | what a pity | what a shame | what a waste | whatever you do | while it lasted | who
        thought | why on earth | why they | will break | will not buy | will not fit | will not last | will not
        recommend | will not stay | will not work | wish i had | wish it | wish that | wish there was | wish
        there were | wish they | with holes | without a warning | without the | won't be back | won't buy |
        won't get | won't go back | won't last | won't recommend | won't return | won't use | wore me out | wore
        off | wore out | worn out | would expect | would not buy | would not even | would not let | would not
        stop | would not work | would rather | wouldn't buy | wouldn't hold | wouldn't stop | wouldn't use |
        wrong color | wrong colour | you can barely | you can hardly | you can not | you could | you might as
        well | your money | zero out of | zero support""",
}
