//! Planar and radial maps.

use thalweg_flow::base::StandardNormal;
use thalweg_flow::{Flow, Planar, Radial};

use crate::compare::{Names, compare};

fn names<const N: usize>(pairs: [(&str, &str); N]) -> Names {
    let own = |(ours, theirs): (&str, &str)| (format!("bijection.{ours}"), theirs.to_owned());
    pairs.map(own).into()
}

#[test]
fn normflows_planar() {
    compare(
        "normflows_planar_d4",
        |file, device| {
            let planar = Planar::from_parameters(
                file.tensor("param.u", device),
                file.tensor("param.w", device),
                file.tensor("param.b", device),
            );
            Flow::new(planar, StandardNormal::new(4))
        },
        &names([("u", "u"), ("w", "w"), ("b", "b")]),
        &[],
    );
}

#[test]
fn normflows_radial() {
    compare(
        "normflows_radial_d4",
        |file, device| {
            let radial = Radial::from_parameters(
                file.tensor("param.z_0", device),
                file.tensor("param.alpha", device),
                file.tensor("param.beta", device),
            );
            Flow::new(radial, StandardNormal::new(4))
        },
        &names([("centre", "z_0"), ("alpha", "alpha"), ("beta", "beta")]),
        &[],
    );
}
