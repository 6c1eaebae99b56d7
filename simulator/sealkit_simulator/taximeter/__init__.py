"""A taximeter: pulses and time in, fares, trips and shifts out; two lines that answer.

factory     the meter as it comes from its maker, with a tariff
measuring   distance from pulses by K, and the clock
totals      what never falls, and what a shift adds up
engine      hired or vacant: pulses and time become fares
storing     trip and shift records until they are acknowledged
device      the meter as a whole: its lines, its state, and how it is tampered with
"""

from sealkit_simulator.taximeter.device import Taximeter
from sealkit_simulator.taximeter.factory import METER_STATUS, SHANGHAI_FARE, STORED_TRIPS

__all__ = ["METER_STATUS", "SHANGHAI_FARE", "STORED_TRIPS", "Taximeter"]
