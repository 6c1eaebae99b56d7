"""A taximeter: pulses and time in, fares, trips and shifts out; two lines that answer.

factory     the meter as it comes from its maker, with a tariff
measuring   distance from pulses by K, and the clock
totals      what never falls, and what a shift adds up
engine      hired or vacant: pulses and time become fares
storing     the trips that it keeps, and what a fraud makes of their reports
records     what it knows, as the records that it tells
answers     what it answers when it is asked
parameters  what it holds, changed by name
snapshot    its whole state, for a restart
device      the meter as a whole: its lines, its state, and how it is tampered with
"""

from sealkit_simulator.taximeter.device import Taximeter
from sealkit_simulator.taximeter.factory import METER_STATUS, SHANGHAI_FARE, STORED_TRIPS

__all__ = ["METER_STATUS", "SHANGHAI_FARE", "STORED_TRIPS", "Taximeter"]
