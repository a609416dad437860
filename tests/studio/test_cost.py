"""What a run is said to cost: laws that hold on any machine."""

from dataclasses import replace
from itertools import pairwise, product

import pytest
import torch

from models.loading import CHOICES, load_models
from semcs_core.methods import METHODS, PRESETS, STUDIO, with_preset
from semcs_core.settings import Settings
from studio import cost
from studio.cost import (
    Calibration,
    Cost,
    calibrate,
    describe_cost,
    estimate,
    known_calibration,
    learn,
    round_memory,
    round_seconds,
)

SIZE = 384, 256


@pytest.fixture(autouse=True)
def _unmeasured(monkeypatch):
    monkeypatch.setattr(cost, "_calibrations", {})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("models", CHOICES)
def test_more_of_anything_never_costs_less(models, method):
    settings = METHODS[method]
    base = estimate(models, settings, SIZE, 1)
    assert base.seconds > 0
    assert base.memory > 100
    more = [
        estimate(models, replace(settings, steps=settings.steps + 1), SIZE, 1),
        estimate(models, replace(settings, crops=settings.crops + 1), SIZE, 1),
        estimate(models, settings, (SIZE[0] + 8, SIZE[1]), 1),
        estimate(models, settings, SIZE, 2),
    ]
    assert all(one.seconds >= base.seconds for one in more)
    assert all(one.memory >= base.memory for one in more)
    assert more[0].seconds > base.seconds


@pytest.mark.parametrize("models", CHOICES)
def test_each_preset_costs_more_than_the_one_before(models):
    said = []
    for name in PRESETS:
        settings = with_preset(STUDIO, name)
        said.append(estimate(models, settings, (settings.size, settings.size), 2))
    assert said[0].seconds < said[1].seconds < said[2].seconds
    assert said[0].memory < said[1].memory < said[2].memory


def test_a_calibration_scales_seconds_and_shifts_memory():
    plain = estimate("starter", STUDIO, SIZE, 2)
    found = estimate("starter", STUDIO, SIZE, 2, Calibration(3.0, 50.0))
    assert found.seconds == pytest.approx(3 * plain.seconds)
    assert found.memory == pytest.approx(plain.memory + 50)


def test_what_was_calibrated_is_estimated_as_measured(monkeypatch):
    monkeypatch.setattr(cost, "_seconds", lambda run: (run.advance(), 0.25)[1])
    found = calibrate(load_models("starter"), "cpu")
    one, two = (
        estimate("starter", replace(cost.PROBE, steps=n), cost.PROBE_SIZE, 1, found).seconds
        for n in (1, 2)
    )
    assert two - one == pytest.approx(0.25)


def test_a_calibration_is_measured_once(monkeypatch):
    first = calibrate(load_models("starter"), "cpu")
    assert first.slowness > 0
    assert first.memory == 0
    monkeypatch.setattr(cost, "_measure", lambda *_: pytest.fail("measured again"))
    assert calibrate(load_models("starter"), "cpu") is first
    assert known_calibration("starter", "cpu") is first


@pytest.mark.parametrize("grad", [True, False])
def test_a_calibration_leaves_no_trace(grad):
    models = load_models("starter")
    torch.manual_seed(7)
    before = torch.get_rng_state()
    with torch.set_grad_enabled(grad):
        calibrate(models, "cpu")
        assert torch.is_grad_enabled() == grad
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.is_autocast_enabled("cpu")
    assert all(p.grad is None for p in models.encoder.parameters())


def test_a_run_that_is_over_says_what_the_next_takes():
    done = replace(STUDIO, steps=10)
    learn("clip-rn50", "cpu", done, SIZE, 2, 10, 123.0)
    found = known_calibration("clip-rn50", "cpu")
    assert estimate("clip-rn50", done, SIZE, 2, found).seconds == pytest.approx(123)
    longer = estimate("clip-rn50", replace(done, steps=20), SIZE, 2, found).seconds
    assert 123 < longer < 246.1


def test_a_slow_processor_is_slow_with_all_models_and_a_gpu_is_not():
    assert known_calibration("clip-vit-b16", "cpu") is None
    learn("starter", "cpu", STUDIO, SIZE, 1, 40, 50.0)
    learn("starter", "cuda", STUDIO, SIZE, 1, 40, 1.0)
    assert known_calibration("clip-vit-b16", "cpu") == known_calibration("starter", "cpu")
    assert known_calibration("clip-vit-b16", "cuda") is None
    learn("clip-vit-b16", "cpu", STUDIO, SIZE, 1, 40, 900.0)
    assert known_calibration("clip-vit-b16", "cpu") != known_calibration("starter", "cpu")


def test_seconds_and_memory_are_rounded_as_far_as_they_can_be_trusted():
    seconds = [0.01, 1.4, 7.2, 9.4, 9.6, 13, 34, 87, 88, 130, 560, 2700, 5400, 40000]
    said = "1 s, 1 s, 7 s, 9 s, 10 s, 15 s, 35 s, 85 s, 90 s, 2 min, 9 min, 45 min, 1.5 h, 11 h"
    assert ", ".join(round_seconds(s) for s in seconds) == said
    assert [round_memory(m) for m in (430, 948, 950, 1049, 9480, 9500, 20000)] == [
        "450 MB",
        "990 MB",
        "1.0 GB",
        "1.1 GB",
        "9.9 GB",
        "10 GB",
        "21 GB",
    ]
    assert describe_cost(Cost(7.2, 1049)) == "7 s and 1.1 GB"


def test_rounding_never_turns_more_into_less():
    def value(text):
        number, unit = text.split()
        return float(number) * {"s": 1, "min": 60, "h": 3600, "MB": 1, "GB": 1000}[unit]

    seconds = [value(round_seconds(1.01**n)) for n in range(1100)]
    memory = [value(round_memory(50 * 1.01**n)) for n in range(600)]
    for values in seconds, memory:
        assert all(a <= b for a, b in pairwise(values))


def test_the_table_knows_all_models_and_painters():
    painters = Settings.__dataclass_fields__["painter"].metadata["options"]
    for models, painter in product(CHOICES, painters):
        assert estimate(models, replace(STUDIO, painter=painter), SIZE, 1).seconds > 0
