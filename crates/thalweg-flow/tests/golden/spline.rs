//! Rational-quadratic splines.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{Activation, Coupling, Flow, Network, RationalQuadratic, ResidualMlp, Split};

use crate::compare::{Case, Names, compare};

const BINS: usize = 8;
const FEATURES: usize = 4;
const HIDDEN: f64 = 16.0;

/// nflows' layout and scales: the numbers of a feature stand side by side, widths and heights are
/// divided by the root of the hidden width, and a raw slope of 0 is `softplus(0)`, not 1.
#[derive(Module, Debug)]
struct Nflows {
    network: ResidualMlp,
}

impl<C> Network<C> for Nflows {
    fn apply(&self, kept: Tensor<2>, _: &C) -> Tensor<2> {
        let raw = self.network.forward(kept);
        let [batch, outputs] = raw.dims();
        let per_feature = 3 * BINS - 1;
        let blocks = raw.reshape([batch, FEATURES, per_feature]).swap_dims(1, 2);
        let shift = ((1.0 - 1e-3f64).exp() - 1.0).ln();
        let sizes = 2 * BINS;
        let row = |on_sizes: f64, on_slopes: f64| {
            let values = (0..per_feature).map(|k| if k < sizes { on_sizes } else { on_slopes });
            let values = TensorData::new(values.collect::<Vec<f64>>(), [1, per_feature, 1]);
            let kind = (&blocks.device().without_autodiff(), blocks.dtype());
            Tensor::<3>::from_data(values, kind)
        };
        let parameters = blocks.clone() * row(HIDDEN.sqrt().recip(), 1.0) - row(0.0, shift);
        parameters.reshape([batch, outputs])
    }
}

fn names() -> Names {
    [
        ("input", "initial_layer"),
        ("blocks.0.first", "blocks.0.linear_layers.0"),
        ("blocks.0.second", "blocks.0.linear_layers.1"),
        ("output", "final_layer"),
    ]
    .map(|(ours, theirs)| {
        let ours = format!("bijection.conditioner.network.{ours}");
        (ours, format!("transform_net.{theirs}"))
    })
    .into()
}

#[test]
fn nflows_rational_quadratic_coupling() {
    compare(
        Case::from("nflows_rqs_coupling_d8_k8").with_f32_tolerance(1e-4),
        |file, device| {
            let linear = |name: &str| file.linear(&format!("transform_net.{name}"), device);
            let block = [0, 1].map(|n| linear(&format!("blocks.0.linear_layers.{n}")));
            let network = ResidualMlp::from_layers(
                linear("initial_layer"),
                vec![block],
                linear("final_layer"),
                Activation::Relu,
            );
            // The mask `1, 0, 1, 0, …` transforms the even positions.
            let split = Split::even_odd().swapped();
            let coupling = Coupling::new(split, RationalQuadratic::default(), Nflows { network });
            Flow::new(coupling, StandardNormal::new(8))
        },
        &names(),
        &[],
    );
}
