"""Fakes of the ports, shipped for authors of plug-ins: a clock to turn, a scripted provider, a catalogue and a log in memory."""
