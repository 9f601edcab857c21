//! A step of Glow.

use burn::tensor::{Device, Int, Tensor, TensorData};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{
    Activation, Affine, Coupling, ElementwiseAffine, Exp, Flow, Full, Invert, Inverted,
    InvertibleLinear, LinearForm, Plu, ScaleMap, Split,
};

use crate::compare::{Names, compare};
use crate::file::File;
use crate::fixtures::{Flatten, Interleaved, OneOverSigmoid};

type Block<F, S> = (
    Inverted<ElementwiseAffine<4>>,
    InvertibleLinear<F, 4>,
    Inverted<Coupling<Affine<S>, Interleaved, 4>>,
    Flatten,
);

const NET: [&str; 3] = [
    "flows.0.flows.1.param_map.net.0",
    "flows.0.flows.1.param_map.net.2",
    "flows.0.flows.1.param_map.net.4",
];

/// The library samples forward, so its layers come from last to first, and those that are no
/// matrices inverted.
fn block<F: LinearForm, S: ScaleMap>(
    form: F,
    scale_map: S,
    file: &File,
    device: &Device,
) -> Flow<Block<F, S>, StandardNormal> {
    let actnorm = ElementwiseAffine::from_parameters(
        file.tensor("param.flows.2.s", device),
        file.tensor("param.flows.2.t", device),
    );
    let network = file.conv_net(NET, Activation::LeakyRelu, device);
    let transformer = Affine::with_scale_map(scale_map);
    let coupling = Coupling::new(Split::half(), transformer, Interleaved { network });
    let layers = (
        actnorm.inverted(),
        InvertibleLinear::new(form),
        coupling.inverted(),
        Flatten { image: [4, 8, 8] },
    );
    Flow::new(layers, StandardNormal::new(256))
}

fn plu(file: &File, device: &Device) -> Plu {
    // Row i of the product takes the row of L U that has a one in row i of P.
    let rows = file.numbers("buffer.flows.1.P").chunks(4);
    let order: Vec<i64> = rows
        .map(|row| row.iter().position(|entry| *entry == 1.0).expect("a one") as i64)
        .collect();
    let order: Tensor<1, Int> = Tensor::from_data(TensorData::new(order, [4]), device);
    Plu::from_factors(
        order,
        file.tensor("param.flows.1.L", device),
        file.tensor("param.flows.1.U", device),
        file.tensor("param.flows.1.log_S", device),
        file.tensor("buffer.flows.1.sign_S", device),
    )
}

fn names(form: &[(&str, &str)]) -> Names {
    let ours = "bijection.2.inner.conditioner.network";
    let layers = ["first", "middle", "last"];
    let net = layers.iter().zip(NET);
    let net = net.map(|(layer, theirs)| (format!("{ours}.{layer}"), theirs.to_owned()));
    let others = [
        ("bijection.0.inner.log_scale", "flows.2.s"),
        ("bijection.0.inner.shift", "flows.2.t"),
    ];
    let form = form.iter().map(|(ours, theirs)| {
        (
            format!("bijection.1.form.{ours}"),
            format!("flows.1.{theirs}"),
        )
    });
    let others = others.map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned()));
    net.chain(others).chain(form).collect()
}

const FACTORS: [(&str, &str); 3] = [("lower", "L"), ("upper", "U"), ("log_diagonal", "log_S")];

#[test]
fn normflows_block_with_exp() {
    compare(
        "normflows_glowblock_exp_4x8x8",
        |file, device| block(plu(file, device), Exp {}, file, device),
        &names(&FACTORS),
        &["form.sign"],
    );
}

#[test]
fn normflows_block_with_factors() {
    compare(
        "normflows_glowblock_lu_4x8x8",
        |file, device| block(plu(file, device), OneOverSigmoid {}, file, device),
        &names(&FACTORS),
        &["form.sign"],
    );
}

#[test]
fn normflows_block_with_a_full_matrix() {
    compare(
        "normflows_glowblock_w_4x8x8",
        |file, device| {
            let form = Full::from_weight(file.tensor("param.flows.1.W", device));
            block(form, OneOverSigmoid {}, file, device)
        },
        &names(&[("weight", "W")]),
        &[],
    );
}
