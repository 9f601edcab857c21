//! Additive couplings.

use burn::tensor::Device;
use thalweg_flow::base::{StandardLogistic, StandardNormal};
use thalweg_flow::{
    Activation, Additive, Affine, Coupling, DiagonalScale, Flow, Mlp, Permutation, ResidualMlp,
    Split, Transformer,
};

use crate::compare::{Names, compare, mlp_names};
use crate::file::File;
use crate::fixtures::SigmoidWithFloor;

/// nflows' mask `1, 0, 1, 0, …` transforms the even positions.
fn nflows_coupling<T: Transformer>(
    transformer: T,
    file: &File,
    device: &Device,
) -> Coupling<T, ResidualMlp> {
    let linear = |name: &str| file.linear(&format!("transform_net.{name}"), device);
    let block = |n| [0, 1].map(|layer| linear(&format!("blocks.{n}.linear_layers.{layer}")));
    let network = ResidualMlp::from_layers(
        linear("initial_layer"),
        vec![block(0), block(1)],
        linear("final_layer"),
        Activation::Relu,
    );
    Coupling::new(Split::even_odd().swapped(), transformer, network)
}

fn nflows_names() -> Names {
    let blocks = (0..2).flat_map(|n| {
        ["first", "second"]
            .into_iter()
            .enumerate()
            .map(move |(layer, name)| {
                let theirs = format!("blocks.{n}.linear_layers.{layer}");
                (format!("blocks.{n}.{name}"), theirs)
            })
    });
    let ends = [("input", "initial_layer"), ("output", "final_layer")];
    let ends = ends.map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned()));
    blocks
        .chain(ends)
        .map(|(ours, theirs)| {
            let ours = format!("bijection.conditioner.{ours}");
            (ours, format!("transform_net.{theirs}"))
        })
        .collect()
}

#[test]
fn nflows_additive_coupling() {
    compare(
        "nflows_additive_coupling_d8",
        |file, device| {
            let coupling = nflows_coupling(Additive::new(), file, device);
            Flow::new(coupling, StandardNormal::new(8))
        },
        &nflows_names(),
        &[],
    );
}

#[test]
fn nflows_affine_coupling() {
    compare(
        "nflows_affine_coupling_d8",
        |file, device| {
            let transformer = Affine::with_scale_map(SigmoidWithFloor {});
            let coupling = nflows_coupling(transformer, file, device);
            Flow::new(coupling, StandardNormal::new(8))
        },
        &nflows_names(),
        &[],
    );
}

/// `(a, b) ← (b + m(a), a)`, which is a coupling and then an exchange of the halves.
#[test]
fn nice_with_a_logistic_prior() {
    const LAYERS: [usize; 3] = [0, 2, 4];
    type Step = (Coupling<Additive, Mlp>, Permutation);
    let names = (0..4).flat_map(|k| {
        let ours = format!("bijection.1.{k}.0.conditioner");
        mlp_names(&ours, &format!("nets.{k}"), &LAYERS)
    });
    let scale = ("bijection.2.log_scale".to_owned(), "log_scale".to_owned());
    compare(
        "nice_logistic_d8",
        |file, device| {
            let order = |order: [usize; 8]| Permutation::<2>::new(&order, device).unwrap();
            let step = |k: usize| -> Step {
                let network = file.mlp(&format!("nets.{k}"), &LAYERS, device);
                let coupling = Coupling::new(Split::half(), Additive::new(), network);
                (coupling, order([4, 5, 6, 7, 0, 1, 2, 3]))
            };
            let steps: Vec<Step> = (0..4).map(step).collect();
            let log_scale = file.tensor("param.log_scale", device);
            let scale = DiagonalScale::<2>::from_log_scale(log_scale);
            let evens_first = order([0, 2, 4, 6, 1, 3, 5, 7]);
            Flow::new((evens_first, steps, scale), StandardLogistic::new(8))
        },
        &names.chain([scale]).collect(),
        &[],
    );
}

/// `y₁ = x₁ + F(x₂)`, `y₂ = x₂ + G(y₁)`: two of our couplings each.
#[test]
fn freia_nice_coupling_blocks() {
    const LAYERS: [usize; 2] = [0, 2];
    let theirs = |coupling: usize| {
        let network = if coupling.is_multiple_of(2) { "F" } else { "G" };
        format!("module_list.{}.{network}", coupling / 2)
    };
    let names =
        (0..4).flat_map(|k| mlp_names(&format!("bijection.{k}.conditioner"), &theirs(k), &LAYERS));
    compare(
        "freia_nicecoupling_d6",
        |file, device| {
            let coupling = |k: usize| {
                let split = Split::half().swapped().alternating(k);
                Coupling::new(
                    split,
                    Additive::new(),
                    file.mlp(&theirs(k), &LAYERS, device),
                )
            };
            let couplings: Vec<Coupling<Additive, Mlp>> = (0..4).map(coupling).collect();
            Flow::new(couplings, StandardNormal::new(6))
        },
        &names.collect(),
        &[],
    );
}
