//! The laws of densities on every base of this crate, and on flows, which are bases as well.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::test_devices;
use thalweg_flow::base::{
    DiagonalNormal, GaussianMixture, MultiScaleNormal, StandardLogistic, StandardNormal,
    UniformNormal, UnitCube,
};
use thalweg_flow::precision::f64_is_sound;
use thalweg_flow::{
    Affine, Base, ContextTransform, DiagonalScale, Embedded, Flow, LabelEmbedding, Latents, Logit,
    Variable,
};
use thalweg_laws::{Batched, Flat, Sample, cast, edge_rows, labels, laws, normal, scramble};

use crate::fixtures::{fresh_noise, mlp};

/// The ends of the supports, and what lies beside them is tried by the law.
const EDGES: [f64; 4] = [0.0, 1.0, -1.0 / 18.0, 19.0 / 18.0];

fn laws_hold<C, P>(
    build: impl Fn(&Device) -> P,
    latents: impl Fn(&Device, DType) -> P::Latent,
    context: impl Fn(&Device, DType) -> C,
) where
    C: Batched,
    P: Base<C, Latent: Flat + Variable> + Module + ModuleDisplay,
{
    for device in test_devices() {
        for dtype in [DType::F64, DType::F32] {
            if dtype == DType::F64 && !f64_is_sound(&device) {
                println!("skipped in F64: {device:?} computes it wrongly");
                continue;
            }
            let density = cast(scramble(build(&device), 0.3), dtype).expect("a sound device");
            let (z, context) = (latents(&device, dtype), context(&device, dtype));
            let edges = edge_rows(&z, &EDGES);
            let results = [
                laws::density_total_on_finite_inputs(&density, &edges, &context),
                laws::density_refuses_other_shapes(&density, &z, &context),
                laws::density_of_an_empty_batch(&density, &z, &context),
            ];
            assert_eq!(results, [Ok(()), Ok(()), Ok(())]);
        }
    }
}

/// A density of three features.
fn without_context<P>(build: impl Fn(&Device) -> P)
where
    P: Base<(), Latent = Tensor<2>> + Module + ModuleDisplay,
{
    laws_hold(
        build,
        |device, dtype| normal([4, 3]).sample(device, dtype, 1),
        |_, _| (),
    );
}

#[test]
fn uniform_beside_normal() {
    without_context(|_| UniformNormal::new(3, vec![1]));
    without_context(|_| UniformNormal::new(3, vec![0, 1, 2]));
}

#[test]
fn standard_normal() {
    without_context(|_| StandardNormal::new(3));
}

#[test]
fn standard_logistic() {
    without_context(|_| StandardLogistic::new(3));
}

#[test]
fn unit_cube() {
    without_context(|_| UnitCube::new(3));
}

#[test]
fn diagonal_normal() {
    without_context(|device| DiagonalNormal::new(3, device));
}

#[test]
fn mixture() {
    without_context(|device| GaussianMixture::new(4, 3, &mut fresh_noise(), device));
}

#[test]
fn multi_scale_normal() {
    laws_hold(
        |_| MultiScaleNormal::new(vec![[2, 2, 1], [3, 1, 1]]),
        |device, dtype| {
            let scales = vec![normal([4, 2, 2, 1]), normal([4, 3, 1, 1])];
            Latents::new(scales.sample(device, dtype, 1))
        },
        |_, _| (),
    );
}

#[test]
fn a_flow_from_the_cube() {
    for alpha in [0.0, 0.05] {
        without_context(|device| {
            let bijection = (Logit::<2>::new(alpha), DiagonalScale::<2>::new(3, device));
            Flow::new(bijection, StandardLogistic::new(3))
        });
    }
}

#[test]
fn a_conditional_normal() {
    laws_hold(
        |device| {
            let transform: ContextTransform<_, _> =
                ContextTransform::new(Affine::new(), mlp(2, 6, device));
            let labels = LabelEmbedding::new(3, 2, &mut fresh_noise(), device);
            Embedded::new(labels, Flow::new(transform, StandardNormal::new(3)))
        },
        |device, dtype| normal([4, 3]).sample(device, dtype, 1),
        |device, dtype| labels([4], 3).sample(device, dtype, 2),
    );
}
