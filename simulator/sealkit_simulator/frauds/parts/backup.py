"""The flash of a seal on a bench: copied out, and into a chip of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.flash import PAGE_BYTES, SECTOR_BYTES, Flash

if TYPE_CHECKING:
    from sealkit_simulator.vehicle import Vehicle


def image_of(vehicle: Vehicle) -> bytes:
    """All cells as they are now."""
    return vehicle.flash.read(0, vehicle.flash.size)


def solder_in(vehicle: Vehicle, image: bytes) -> None:
    """Exchanges the seal's flash for a chip with this image; the power is off meanwhile."""
    vehicle.cut_power()
    chip = Flash(len(image) // SECTOR_BYTES)
    erased = b"\xff" * PAGE_BYTES
    for address in range(0, len(image), PAGE_BYTES):
        page = image[address : address + PAGE_BYTES]
        if page != erased:
            chip.write(address, page)
    vehicle.flash = chip
    vehicle.restore_power()
