//! Pixels as channels.

use thalweg_flow::base::StandardNormal;
use thalweg_flow::{Flow, Haar, Squeeze};

use crate::compare::{compare_values, for_each_kind};
use crate::fixtures::Flatten;

#[test]
fn nflows_squeeze() {
    for_each_kind("nflows_squeeze_3x8x8", |kind| {
        let layers = (Squeeze::new(), Flatten { image: [12, 4, 4] });
        compare_values(kind, &Flow::new(layers, StandardNormal::new(192)), 1.0);
    });
}

#[test]
fn freia_haar() {
    for_each_kind("freia_haar_3x4x4", |kind| {
        let layers = (Haar::new(), Flatten { image: [12, 2, 2] });
        compare_values(kind, &Flow::new(layers, StandardNormal::new(48)), 2.0);
    });
}
