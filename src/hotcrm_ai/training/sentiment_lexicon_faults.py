"""More English words and phrases of what breaks, fails and hurts, of every trade.

Of each sign first the words, then behind bars the phrases of up to four words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FAULTS: Final[Mapping[str, str]] = {
    "problem": """
        ached ailing backfire backfired backfires backfiring backordered bankrupt barred bend bends bleach
        bleached bleaches bleaching bleeds blink blinked blinking blinks blistered blistering blown breakdowns
        buckle buckled buckles buckling buffer buffered buffering buffers burn burned burning burns burnt burst
        bursting bursts busted buzz buzzed buzzes buzzing chafes chip chipped chipping chips choke choked chokes
        choking clank clanked clanking clanks clogged clogging clogs collapse collapsed collapses collapsing
        conflicts corrode corroded corrodes corroding corrosion corrupting corruption corrupts cough coughed
        coughing coughs crack cracking crackle crackled crackles creaked crease creased creasing deactivated
        deadlock defected deform deformed deforming deforms denial dent dented denting detach detached detaches
        detaching dimmed dimming dims disable disabled disappears discoloring discolors disconnection dislodge
        dislodged dislodges dislodging drip dripped dripping dropping dying erased erases erasing errored
        evaporated expire expires expiring explode exploded explodes fade fell fizzled flickered fractured fray
        frays fried garble garbles garbling glitching groan groaned groaning groans halted hangs hissed hisses
        howl howled howling howls hummed hums hung hung-up inoperative interruption interruptions itched itches
        itching jam jamming jolt jolted jolting jolts kaput kink kinked kinking kinks lagged lagging leakage
        leaked loose loosen loosened loosening loosens malfunctioned mangle mangles mangling melt melted melting
        melts misfired misfiring misplace misplaces misplacing misread miswired non-working nonworking outages
        overflow overflowed overflowing overflows overheat overload overloaded overloading overloads pilled
        pilling pinch pinched pinches pinching punctured rattled rebooted refunding repaired repairs resetting
        ripped ripping rips ruptured rusts scalded scorch scorches scorching screeched screeches seized severed
        shedding shorted shrinking shutdown shuts sink skipped slid slipped slipping slips smokes smoking
        smudged smudging snap snapped snapping snaps sparked sparking spat spill spilled spilling spills spits
        spitting split splits splitting squeaked staining stall stalling stick sticking sticks sting stinging
        stings stung stuttered tangling tarnishes tarnishing terminated thump thumped thumping thumps timeout
        timeouts tipped tipping tips topple toppled topples toppling tripped unplugged unravels unreachable
        vanished vanishing vibrate vibrated vibrates vibrating void voided vomited vomiting vomits warping
        withdrawn wobbling
        | a recall | after one use | already broken | blown fuse | broke after | broke off | broke the first |
        broke within | broken after | broken in | came apart | came broken | came loose | came off | came undone
        | came unglued | can't charge | can't fix | can't install | can't install it | cannot install | cracked
        after | dead after | dead battery | dead pixels | defective unit | died after | died on me | died within
        | does not charge | does not connect | does not open | does not start | does not turn | doesn't charge |
        doesn't connect | doesn't open | doesn't recognize | doesn't start | doesn't stay | doesn't turn on |
        dropped connection | drops calls | drops out | error code | failed after | failed me | failed within |
        fails after | falling apart | for repair | freezes up | froze up | gave out | get a refund | get it to
        work | get my money | give out | gives out | going bad | gone bad | got stuck | had to buy | had to call
        | had to replace | had to reset | had to throw | has died | has stopped | is broken | is dead | just
        died | keeps breaking | keeps cutting | keeps disconnecting | keeps dropping | keeps falling | keeps
        freezing | keeps losing | keeps shutting | keeps stopping | kept crashing | kept freezing | lasted a
        month | lasted a week | lasted less than | lasted only | lost all | lost connection | lost its | missing
        parts | missing pieces | must be replaced | needed repair | needed to be replaced | needs repair | no
        longer charges | no longer turns | no longer work | no longer working | no power | not charge | not hold
        a charge | not turn on | not working properly | on the fritz | packed up | poor connection | quit
        working | refuses to start | returned it | returning it | ripped after | ripped off the | second
        replacement | sending it back | short circuit | shut down | shuts down | shutting down | snapped off |
        started leaking | started to fail | stop working | stopped responding | stops working | takes forever to
        | tore after | turned off | turns itself off | unable to use | wears out quickly | went bad | went blank
        | went dead | won't charge | won't connect | won't fit | won't hold | won't install | won't stay | won't
        turn on | would not charge | would not connect | would not start | would not stay | wouldn't charge |
        wouldn't connect | wouldn't start | wouldn't stay | wouldn't turn on""",
}
