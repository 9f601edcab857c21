//! Affine couplings on two features.

use burn::tensor::Device;
use thalweg_flow::base::{DiagonalNormal, StandardNormal};
use thalweg_flow::{
    Affine, Coupling, Exp, Flow, Invert, Inverted, Mlp, Reverse, ScaleMap, SigmoidShift, Split,
    TanhLearned,
};

use crate::compare::{Names, compare, mlp_names};
use crate::file::File;
use crate::fixtures::{Masked, ScaleFirst};

const LAYERS: [usize; 3] = [0, 2, 4];

#[test]
fn realnvp_with_tanh_scales() {
    type Step = Coupling<Affine<TanhLearned>, ScaleFirst>;
    let names: Names = (0..8)
        .flat_map(|k| {
            let ours = format!("bijection.{k}.conditioner.network");
            mlp_names(&ours, &format!("nets.{k}"), &LAYERS)
        })
        .collect();
    compare(
        "realnvp_tanh_d2",
        |file, device| {
            let step = |k| -> Step {
                let amplitude = TanhLearned::from_amplitude(file.ones([1], device));
                let network = file.mlp(&format!("nets.{k}"), &LAYERS, device);
                Coupling::new(
                    Split::half().alternating(k),
                    Affine::with_scale_map(amplitude),
                    ScaleFirst { network },
                )
            };
            let steps: Vec<Step> = (0..8).map(step).collect();
            Flow::new(steps, StandardNormal::new(2))
        },
        &names,
        &["scale_map.amplitude"],
    );
}

type Normflows<S> = Vec<(Reverse, Inverted<Coupling<Affine<S>, Mlp>>)>;

/// The library's forward direction samples, so its last block comes first and inverted.
fn normflows_coupling<S: ScaleMap>(
    file: &File,
    device: &Device,
    scale_map: impl Fn() -> S,
) -> Flow<Normflows<S>, DiagonalNormal> {
    let steps = (0..4).map(|k| {
        let network = file.mlp(&normflows_network(k), &LAYERS, device);
        let transformer = Affine::with_scale_map(scale_map());
        let coupling = Coupling::new(Split::half(), transformer, network);
        (Reverse {}, coupling.inverted())
    });
    let base = DiagonalNormal::from_parameters(
        file.tensor("param.q0.loc", device),
        file.tensor("param.q0.log_scale", device),
    );
    Flow::new(steps.collect(), base)
}

/// The name of the network of our block `k`.
fn normflows_network(k: usize) -> String {
    format!("flows.{}.flows.1.param_map.net", 2 * (3 - k))
}

fn normflows_names() -> Names {
    let networks = (0..4).flat_map(|k| {
        let ours = format!("bijection.{k}.1.inner.conditioner");
        mlp_names(&ours, &normflows_network(k), &LAYERS)
    });
    let base = [
        ("base.mean", "q0.loc"),
        ("base.log_deviation", "q0.log_scale"),
    ];
    let base = base.map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned()));
    networks.chain(base).collect()
}

#[test]
fn normflows_affine_coupling_with_exp() {
    compare(
        "normflows_affine_coupling_exp_d2",
        |file, device| normflows_coupling(file, device, || Exp {}),
        &normflows_names(),
        &[],
    );
}

#[test]
fn normflows_affine_coupling_with_sigmoid() {
    compare(
        "normflows_affine_coupling_sigmoid_inv_d2",
        |file, device| normflows_coupling(file, device, SigmoidShift::default),
        &normflows_names(),
        &[],
    );
}

#[test]
fn normflows_masked_affine_flow() {
    type Step = Inverted<Coupling<Affine<Exp>, Masked>>;
    let theirs = |k: usize, network: &str| format!("flows.{}.{network}.net", 3 - k);
    let names: Names = (0..4)
        .flat_map(|k| {
            [("shift", "t"), ("scale", "s")].map(|(ours, network)| {
                let ours = format!("bijection.{k}.inner.conditioner.{ours}");
                mlp_names(&ours, &theirs(k, network), &LAYERS)
            })
        })
        .flatten()
        .collect();
    compare(
        "normflows_realnvp_masked_d2",
        |file, device| {
            let step = |k: usize| -> Step {
                let network = |name| file.mlp(&theirs(k, name), &LAYERS, device);
                let conditioner = Masked {
                    shift: network("t"),
                    scale: network("s"),
                    kept: (3 - k) % 2,
                };
                let split = Split::half().alternating(3 - k);
                let transformer = Affine::with_scale_map(Exp {});
                Coupling::new(split, transformer, conditioner).inverted()
            };
            let steps: Vec<Step> = (0..4).map(step).collect();
            Flow::new(steps, StandardNormal::new(2))
        },
        &names,
        &[],
    );
}
