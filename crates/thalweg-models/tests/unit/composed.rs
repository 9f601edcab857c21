//! Base densities and embeddings of composed flows.

use burn::tensor::{Device, Tensor};
use thalweg_flow::{Activation, Curve, Monotone, Noise};
use thalweg_models::composed::{
    BaseConfig, LayerConfig, MaskedConfig, MonotoneConfig, NetworkConfig, TransformerConfig,
};
use thalweg_models::{ComposedConfig, ComposedFlow, ConditionalComposedFlow};

/// Rows in three features, their base density given.
fn config(base: BaseConfig) -> ComposedConfig {
    ComposedConfig::new(3, vec![LayerConfig::ActNorm]).with_base(base)
}

fn cube(low: f64, high: f64) -> BaseConfig {
    BaseConfig::Uniform {
        low: vec![low; 3],
        high: vec![high; 3],
    }
}

fn on_circles(circles: Vec<usize>) -> BaseConfig {
    BaseConfig::UniformNormal { circles }
}

/// A coupling under an embedding of two numbers by five.
fn embedded(network: NetworkConfig) -> ComposedConfig {
    let coupling = LayerConfig::Coupling {
        kept: 1,
        transformer: TransformerConfig::Additive,
        network: NetworkConfig::mlp(vec![4]),
    };
    let layer = LayerConfig::Embedded {
        width: 5,
        network,
        layers: vec![coupling],
    };
    ComposedConfig::new(3, vec![layer])
}

#[test]
fn a_box_has_a_density_inside_and_none_outside() {
    let device = Device::default();
    let flow = config(cube(-1.0, 3.0)).init(&device);
    let x = Tensor::<2>::from_floats([[0.0, -0.9, 2.9], [0.0, 0.0, 3.1]], &device);
    let found: Vec<f64> = flow.log_prob(x).into_data().iter().collect();
    assert!((found[0] + 3.0 * 4.0_f64.ln()).abs() < 1e-5, "{found:?}");
    assert_eq!(found[1], f64::NEG_INFINITY);
    let samples = flow.sample(200, 1.0, &mut Noise::seeded(0));
    let [least, most] = [samples.clone().min(), samples.max()].map(|x| x.into_scalar::<f64>());
    assert!(least >= -1.0 && most <= 3.0 && most - least > 3.5);
}

#[test]
fn bases_of_other_features_are_refused() {
    let device = Device::default();
    let of_one = BaseConfig::Uniform {
        low: vec![0.0],
        high: vec![1.0],
    };
    for (base, named) in [
        (of_one, "3 features"),
        (cube(1.0, 1.0), "below the upper one"),
        (cube(f64::NAN, 1.0), "below the upper one"),
        (cube(f64::NEG_INFINITY, 1.0), "below the upper one"),
        (BaseConfig::Mixture { components: 0 }, "components"),
        (on_circles(vec![3]), "0..3, got 3"),
    ] {
        let found = config(base).try_init(&device).unwrap_err().to_string();
        assert!(found.contains(named), "{found}");
    }
}

/// A circle has no ends, and its points are all alike.
#[test]
fn points_of_circles_are_uniform_beside_normal_numbers() {
    let device = Device::default();
    let flow = config(on_circles(vec![0, 2])).init(&device);
    let x = Tensor::<2>::from_floats([[0.2, 1.0, -0.4], [7.0, 1.0, 0.0]], &device);
    let found: Vec<f64> = flow.log_prob(x).into_data().iter().collect();
    assert!((found[0] + 1.418_938_5).abs() < 1e-6, "{found:?}");
    assert_eq!(found[0], found[1]);
    let samples = flow.sample(200, 1.0, &mut Noise::seeded(0));
    let of = |feature| {
        samples
            .clone()
            .narrow(1, feature, 1)
            .abs()
            .max()
            .into_scalar::<f64>()
    };
    assert!(of(0) <= 0.5 && of(1) > 1.5 && of(2) <= 0.5);
}

/// Layers of circles and residual networks that are none, each with what its error names.
#[test]
fn layers_of_circles_and_residual_networks_have_ranges() {
    let device = Device::default();
    let residual = |lipschitz| LayerConfig::Residual {
        hidden: vec![4],
        activation: Activation::Silu,
        lipschitz,
    };
    let angles = |angles| LayerConfig::Autoregressive {
        transformer: TransformerConfig::Additive,
        network: MaskedConfig {
            order: vec![0, 1, 2],
            degrees: vec![vec![1, 2]],
            residual: false,
            activation: Activation::Relu,
            modulation: None,
            plain_entry: false,
            angles,
        },
    };
    let shift = |bounds| LayerConfig::CircleShift { bounds };
    for (layer, named) in [
        (residual(1.0), "lipschitz"),
        (residual(f64::NAN), "lipschitz"),
        (angles(vec![1.0]), "of 3 features"),
        (angles(vec![1.0, -1.0, 0.0]), "angles"),
        (shift(vec![1.0]), "of each of 3 features"),
        (shift(vec![1.0, f64::NAN, 1.0]), "bounds"),
        (
            LayerConfig::Inverted(Box::new(shift(vec![1.0; 3]))),
            "shift of circles",
        ),
    ] {
        let found = ComposedConfig::new(3, vec![layer]).try_init(&device);
        let found = found.unwrap_err().to_string();
        assert!(found.contains(named), "{found}");
    }
}

/// A flow in three features has the same density when it is read from its file.
fn is_saved_and_loaded(config: ComposedConfig) {
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flow");
    let flow = config.init(&device);
    flow.save(&path).unwrap();
    let loaded = ComposedFlow::load(&path, &device).unwrap();
    let x = Tensor::<2>::ones([2, 3], &device);
    let [before, after] = [&flow, &loaded].map(|flow| flow.log_prob(x.clone()).into_data());
    assert_eq!(before, after);
}

#[test]
fn mixtures_are_saved_and_loaded() {
    is_saved_and_loaded(config(BaseConfig::Mixture { components: 4 }));
}

#[test]
fn layers_see_the_embedding_of_a_context() {
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embedded");
    let config = embedded(NetworkConfig::mlp(vec![6])).with_context(2);
    let flow = config.init(&device);
    flow.save(&path).unwrap();
    let loaded = ConditionalComposedFlow::load(&path, &device).unwrap();
    let (x, context) = (
        Tensor::<2>::ones([2, 3], &device),
        Tensor::ones([2, 2], &device),
    );
    let [before, after] = [&flow, &loaded].map(|flow| {
        let found = flow.given(&context).log_prob(x.clone());
        found.into_data()
    });
    assert_eq!(before, after);
}

#[test]
fn embeddings_are_perceptrons_of_a_context() {
    let device = Device::default();
    let plain = embedded(NetworkConfig::mlp(vec![6]));
    let found = plain.try_init(&device).unwrap_err().to_string();
    assert!(found.contains("with_context"), "{found}");
    let mut residual = NetworkConfig::mlp(vec![6]);
    residual.residual = true;
    let given = embedded(residual).with_context(2);
    let found = given.try_init(&device).unwrap_err().to_string();
    assert!(found.contains("without residual blocks"), "{found}");
    let inverted = LayerConfig::Inverted(Box::new(plain.layers[0].clone()));
    let given = ComposedConfig::new(3, vec![inverted]).with_context(2);
    let found = given.try_init(&device).unwrap_err().to_string();
    assert!(found.contains("embeddings have none"), "{found}");
}

/// Increasing networks of three features behind a perceptron.
fn neural(residual: bool, signal: usize) -> LayerConfig {
    LayerConfig::NeuralAutoregressive {
        univariate: MonotoneConfig {
            signal,
            hidden: vec![4, 3],
            monotone: Monotone::Integral(Activation::Elu),
        },
        network: MaskedConfig {
            order: vec![2, 0, 1],
            degrees: vec![vec![0, 1, 2, 1]],
            residual,
            activation: Activation::Relu,
            modulation: None,
            plain_entry: false,
            angles: vec![],
        },
    }
}

#[test]
fn untrained_increasing_networks_are_saved_and_loaded() {
    let inverse = LayerConfig::Inverted(Box::new(neural(false, 2)));
    is_saved_and_loaded(ComposedConfig::new(3, vec![neural(false, 2), inverse]));
}

#[test]
fn layers_out_of_their_ranges_are_refused() {
    let device = Device::default();
    let standardized = |hidden: Vec<usize>, residual| {
        let mut network = NetworkConfig::mlp(hidden);
        (network.standardized, network.residual) = (true, residual);
        LayerConfig::Coupling {
            kept: 1,
            transformer: TransformerConfig::Additive,
            network,
        }
    };
    let mixture = |components| LayerConfig::Coupling {
        kept: 1,
        transformer: TransformerConfig::Gaussianization {
            components,
            weighted: (components > 0).then_some(0.0),
        },
        network: NetworkConfig::mlp(vec![4]),
    };
    for (layer, named) in [
        (neural(true, 2), "without residual blocks"),
        (neural(false, 0), "signal"),
        (LayerConfig::Nonlinearity(Curve::LogTanh(0.0)), "cut"),
        (LayerConfig::Nonlinearity(Curve::LeakySlope(-1.0)), "slope"),
        (standardized(vec![4, 1], false), "hidden"),
        (standardized(vec![4], true), "norms"),
        (mixture(0), "components"),
        (mixture(1), "weighted"),
    ] {
        let found = ComposedConfig::new(3, vec![layer]).try_init(&device);
        let found = found.unwrap_err().to_string();
        assert!(found.contains(named), "{found}");
    }
}
