"""Where a mask is from, which the record of a picture says."""

from dataclasses import replace

import numpy as np

from studio.runs.visit import A_FILE


def test_a_mask_is_from_its_source_until_it_is_changed_by_hand(work):
    mask = work.found.mask
    visit = replace(work, source="dino").send(mask)
    assert visit.source_of(visit.sent) == "dino"
    assert visit.source_of(1 - visit.sent) == "dino, changed by hand"
    again = replace(visit, source=visit.by_hand).send(1 - mask)
    assert again.by_hand == "dino, changed by hand"

    changed, back = replace(visit.remember(visit.sent), source=A_FILE).send(1 - mask).take_back()
    assert changed.source == "dino"
    np.testing.assert_array_equal(back, visit.sent)
