//! Continuous flows.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{
    Activation, Condition, Continuous, Flow, Integration, Mlp, Scheme, TimeMlp, VectorField,
    WithContext,
};

use crate::compare::{Case, compare_values_given, for_each_kind};
use crate::file::File;

const FEATURES: usize = 3;
const FREQUENCIES: usize = 3;
/// The solver of the library kept its error within 1e-11 a step.
const TOLERANCE: f64 = 1e-9;

/// The library's field `u(s, x, c)` runs from data at `s = 0` to noise at `s = 1`. With `s = 1 − t` ours is
/// `v(t, x, c) = −u(1 − t, x, c)`: the angles are `cos kπs = (−1)ᵏ cos kπt` and `sin kπs = −(−1)ᵏ sin kπt`.
/// Its inputs are `[cos | sin | x | c]`, ours are `[x | cos | sin | c]`.
fn field(file: &File, device: &Device) -> TimeMlp {
    let linear = |n: usize| file.linear(&format!("transform.ode.{n}"), device);
    let [first, middle, last] = [0, 2, 4].map(linear);
    let weight = first.weight.val();
    let angle = |sine: usize, k: usize| {
        let row = weight.clone().narrow(0, sine * FREQUENCIES + k, 1);
        // `k` counts from 0 here.
        let is_negative = (k + sine).is_multiple_of(2);
        if is_negative { row.neg() } else { row }
    };
    let angles = [0, 1].map(|sine| (0..FREQUENCIES).map(move |k| (sine, k)));
    let angles = angles.into_iter().flatten().map(|(sine, k)| angle(sine, k));
    let others = weight.dims()[0] - 2 * FREQUENCIES;
    let rest = weight.clone().narrow(0, 2 * FREQUENCIES, others);
    let mut rows = vec![rest.clone().narrow(0, 0, FEATURES)];
    rows.extend(angles);
    if others > FEATURES {
        rows.push(rest.narrow(0, FEATURES, others - FEATURES));
    }
    let first = Linear {
        weight: Param::from_tensor(Tensor::cat(rows, 0)),
        ..first
    };
    let negative = Linear {
        weight: Param::from_tensor(last.weight.val().neg()),
        bias: last.bias.map(|bias| Param::from_tensor(bias.val().neg())),
    };
    let network = Mlp::from_layers(vec![first, middle, negative], Activation::Tanh);
    TimeMlp::from_network(network, FEATURES, FREQUENCIES)
}

fn agrees<C: Condition, F: VectorField<C>>(
    case: &'static str,
    build: impl Fn(&File, &Device) -> F,
    context: impl Fn(&File, &Device) -> C,
) {
    for_each_kind(Case::from(case).in_f64(TOLERANCE), |kind| {
        let device = &kind.device;
        let layer = Continuous::new(build(&kind.file, device))
            .with_integration(Integration::adaptive(Scheme::Tsitouras, 1e-11));
        let flow = Flow::new(layer, StandardNormal::new(FEATURES));
        compare_values_given(kind, &flow, &context(&kind.file, device), 1.0);
    });
}

#[test]
fn zuko_continuous_flow() {
    agrees("zuko_cnf_d3", field, |_, _| ());
}

#[test]
fn zuko_continuous_flow_under_a_condition() {
    agrees(
        "zuko_cnf_d3_c2",
        |file, device| WithContext::new(field(file, device)),
        |file, device| file.tensor::<2>("context", device),
    );
}
