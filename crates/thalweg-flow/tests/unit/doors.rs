//! Shapes and lengths that forms of plain numbers are not made for, and the words in which layers say
//! so. The laws try the layers themselves.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{Device, Tensor};
use thalweg_flow::base::{MultiScaleNormal, StandardLogistic, StandardNormal};
use thalweg_flow::compiled::{Direction, LowerBase, LowerTransformer, Lowering, Scratch};
use thalweg_flow::{
    ActNorm, Additive, Affine, Base, Bijection, ConvNetConfig, Coupling, Flow, Identity, Level,
    MlpConfig, MultiScale, Noise, Planar, RationalQuadratic, Split, Squeeze,
};

/// Both numbers, and what else the message says.
#[track_caller]
fn refused(run: impl FnOnce(), words: &[&str]) {
    let payload = catch_unwind(AssertUnwindSafe(run)).expect_err("a panic");
    let message = payload
        .downcast_ref::<String>()
        .cloned()
        .unwrap_or_default();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

fn zeros(features: usize) -> Tensor<2> {
    Tensor::zeros([3, features], &Device::default())
}

#[test]
fn a_layer_names_what_it_is_made_for_and_what_it_got() {
    let (device, mut noise) = (Device::default(), Noise::seeded(0));
    let planar = Planar::new(2, &mut noise, &device);
    refused(
        || drop(planar.forward(zeros(1), &())),
        &["Planar", "[batch, 2]", "[3, 1]"],
    );
    let norm = ActNorm::<2>::new(3, &device);
    refused(
        || drop(norm.forward(zeros(4), &())),
        &["of 3 features", "[3, 4]"],
    );
    let net = MlpConfig::new(2, vec![4], 4).init(&mut noise, &device);
    let coupling: Coupling<_, _> = Coupling::new(Split::half(), Affine::new(), net);
    refused(
        || drop(coupling.forward(zeros(3), &())),
        &["takes 2 features", "got the 1", "[3, 3]"],
    );
    refused(
        || drop(coupling.inverse(zeros(5), &())),
        &["[3, 4]", "[3, 6]", "3 transformed"],
    );
    let density = StandardNormal::new(2);
    refused(
        || drop(Base::<()>::log_prob(&density, zeros(3), &())),
        &["StandardNormal", "[batch, 2]", "[3, 3]"],
    );
}

/// One row or one position of parameters, or of data, would be broadcast.
#[test]
fn parameters_of_other_samples_are_refused() {
    #[derive(burn::module::Module, Debug)]
    struct OneRow {}
    impl<C> thalweg_flow::Network<C> for OneRow {
        fn apply(&self, kept: Tensor<2>, _: &C) -> Tensor<2> {
            kept.narrow(0, 0, 1)
        }
    }
    let coupling: Coupling<_, _> = Coupling::new(Split::half(), Additive::new(), OneRow {});
    refused(
        || drop(coupling.forward(zeros(4), &())),
        &["[1, 2]", "[3, 2]"],
    );
}

#[test]
fn a_compiled_flow_refuses_points_of_other_lengths() {
    let (device, mut noise) = (Device::default(), Noise::seeded(0));
    let net = MlpConfig::new(1, vec![4], 4).init(&mut noise, &device);
    let coupling: Coupling<_, _> = Coupling::new(Split::half(), Affine::new(), net);
    let flow = Flow::new(coupling, StandardNormal::new(3)).compile();
    let mut scratch = Scratch::default();
    for count in [1, 2, 4] {
        let mut point = vec![0.0; count];
        let given = count.to_string();
        refused(
            || {
                flow.log_prob(&vec![0.0; count], &mut Scratch::default());
            },
            &["3", &given],
        );
        refused(
            || flow.encode(&mut point.clone(), &mut Scratch::default()),
            &["3", &given],
        );
        refused(
            || flow.decode(&mut point.clone(), &mut Scratch::default()),
            &["3", &given],
        );
        refused(
            || {
                let noise = &mut Noise::seeded(1);
                flow.sample(1.0, noise, &mut point, &mut Scratch::default());
            },
            &["3", &given],
        );
    }
    // No points are no mistake, and the memory of another flow serves.
    flow.encode(&mut [], &mut scratch);
    flow.decode(&mut [], &mut scratch);
    let other = Flow::new(Identity::<2> {}, StandardNormal::new(7)).compile();
    other.log_prob(&[0.0; 7], &mut scratch);
    let fresh = flow.log_prob(&[0.1; 3], &mut Scratch::default());
    assert_eq!(flow.log_prob(&[0.1; 3], &mut scratch), fresh);
}

#[test]
fn plain_densities_and_transformers_refuse_other_lengths() {
    let mut plan = Lowering::new([3, 1, 1], 1);
    let densities = [
        LowerBase::<()>::lower_base(&StandardNormal::new(3), &mut plan),
        LowerBase::<()>::lower_base(&StandardLogistic::new(3), &mut plan),
    ];
    for density in densities {
        refused(
            || {
                density.log_prob(&[0.0; 2]);
            },
            &["3", "2"],
        );
    }
    let transformers = [
        Additive::new().lower_transformer(),
        Affine::new().lower_transformer(),
        RationalQuadratic::default().lower_transformer(),
    ];
    for transformer in transformers {
        for count in [1, 3, 5] {
            let parameters = vec![0.0; count];
            for direction in [Direction::Forward, Direction::Inverse] {
                refused(
                    || {
                        transformer.apply(direction, &mut [0.0; 2], &parameters);
                    },
                    &["2 numbers", &count.to_string()],
                );
            }
        }
    }
}

#[test]
fn a_flow_of_images_is_compiled_for_its_own_shape_only() {
    let (device, mut noise) = (Device::default(), Noise::seeded(0));
    let mut coupling = |kept: usize, transformed: usize| -> Coupling<Affine, _, 4> {
        let net = ConvNetConfig::new(kept, 4, 2 * transformed).init(&mut noise, &device);
        Coupling::new(Split::half(), Affine::new(), net)
    };
    let level = Level::new((Squeeze::new(), coupling(2, 2)), Identity {}, Split::half());
    let scales = MultiScale::new(vec![level], coupling(1, 1));
    let flow = Flow::new(scales, MultiScaleNormal::new(vec![[2, 4, 4], [2, 4, 4]]));
    let compiled = flow.compile_images([1, 8, 8], 2);
    let scratch = &mut Scratch::default();
    compiled.log_probs(&[], &mut [], scratch);
    compiled.sample(1.0, &mut Noise::seeded(1), &mut [], scratch);
    compiled.encode(&mut [], scratch);
    refused(
        || {
            compiled.log_prob(&[0.0; 65], &mut Scratch::default());
        },
        &["64 numbers", "65"],
    );
    refused(
        || drop(flow.compile_images([1, 16, 16], 2)),
        &["[1, 16, 16]", "32", "128"],
    );
    refused(
        || drop(flow.compile_images([2, 8, 8], 2)),
        &["2 channels", "got 4"],
    );
    // The same on tensors: every layer takes any size, the density does not.
    let x = Tensor::<4>::zeros([2, 1, 16, 16], &device);
    refused(
        || drop(flow.log_prob(x)),
        &["MultiScaleNormal", "[batch, 2, 4, 4]", "[2, 2, 8, 8]"],
    );
}
