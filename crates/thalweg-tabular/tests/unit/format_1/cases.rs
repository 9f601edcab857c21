//! Small densities of a table, which together have every part that a file can hold.

use thalweg_tabular::{Density, Family, Kind, Missing, Network};

/// A file, and how its density is fitted.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) density: Density,
    pub(super) is_calibrated: bool,
}

fn small(family: Family) -> Network {
    Network::new(family).with_layers(2).with_hidden(&[4])
}

pub(super) fn cases() -> Vec<Case> {
    let case = |name, density: Density, is_calibrated| Case {
        name,
        density: density.steps(3).seed(7).calibrate(is_calibrated),
        is_calibrated,
    };
    let mixed = Density::of(["height", "count", "colour", "direction", "when", "same"])
        .given(["place", "depth"])
        .weights("weight")
        .kind("direction", Kind::angle(360.0))
        .kind("count", Kind::above(0.0).rounded(1.0))
        .missing(Missing::Indicator)
        .network(small(Family::Spline))
        .members(1);
    let numbers = Density::of(["height", "depth", "often"])
        .kind("depth", Kind::between(0.0, 10.0))
        .members(2)
        .network(small(Family::AutoregressiveSpline));
    let affine = |family| {
        Density::of(["height", "depth"])
            .given(["place"])
            .members(1)
            .network(small(family))
    };
    vec![
        case("mixed", mixed, true),
        case("numbers", numbers, true),
        case("affine", affine(Family::Affine), false),
        case("maf", affine(Family::AutoregressiveAffine), true),
    ]
}
