//! Latents of several scales, and conditions beyond couplings.

use burn::tensor::Device;
use thalweg_device::test_devices;
use thalweg_flow::{
    ActNorm, Activation, Affine, ContextTransform, ConvNet, ConvNetConfig, Coupling, Embedded,
    Identity, LabelEmbedding, Level, Mlp, MultiScale, RationalQuadratic, SameConv, SameConvConfig,
    Split, Squeeze, WithContext,
};
use thalweg_laws::{bijection_laws, labels, normal};

use crate::fixtures::{fresh_noise, mlp};

fn net(inputs: usize, outputs: usize, device: &Device) -> ConvNet {
    ConvNetConfig::new(inputs, 4, outputs)
        .with_activation(Activation::Silu)
        .init(&mut fresh_noise(), device)
}

type Steps<N> = (Squeeze, ActNorm<4>, Coupling<Affine, N, 4>);

fn steps<N: burn::module::Module + burn::module::ModuleDisplay>(
    channels: usize,
    network: N,
    device: &Device,
) -> Steps<N> {
    let coupling = Coupling::new(Split::half(), Affine::new(), network);
    (Squeeze::new(), ActNorm::new(channels, device), coupling)
}

fn split_prior(inputs: usize, outputs: usize, device: &Device) -> SameConv {
    SameConvConfig::new(inputs, outputs, 3).init(&mut fresh_noise(), device)
}

/// Networks of couplings, networks of split priors, and a top prior.
type Scales<N, P, T> = MultiScale<Steps<N>, Coupling<Affine, P, 4>, (Steps<N>, T)>;

/// 1 × 8 × 4: two channels leave at 4 × 2, two become eight at 2 × 1.
fn two_scales(device: &Device) -> Scales<ConvNet, SameConv, ActNorm<4>> {
    let prior = Coupling::new(Split::half(), Affine::new(), split_prior(2, 4, device));
    let level = Level::new(steps(4, net(2, 4, device), device), prior, Split::half());
    let last = (steps(8, net(4, 8, device), device), ActNorm::new(8, device));
    MultiScale::new(vec![level], last)
}

/// An odd number of channels splits unevenly; the second part stays, and no prior looks at it.
fn without_priors(device: &Device) -> MultiScale<ActNorm<4>, Identity<4>, ActNorm<4>> {
    let split = Split::half().swapped();
    let levels =
        [5, 3].map(|channels| Level::new(ActNorm::new(channels, device), Identity::<4> {}, split));
    MultiScale::new(levels.into(), ActNorm::new(2, device))
}

type Given = WithContext<ConvNet>;

type GivenScales = Scales<Given, WithContext<SameConv>, ContextTransform<Affine, Mlp, 4>>;

fn given_labels(device: &Device) -> Embedded<LabelEmbedding, GivenScales> {
    const WIDTH: usize = 2;
    let couple = |kept, outputs| WithContext::new(net(kept + WIDTH, outputs, device));
    let prior = WithContext::new(split_prior(2 + WIDTH, 4, device));
    let prior = Coupling::new(Split::half(), Affine::new(), prior);
    let level = Level::new(steps(4, couple(2, 4), device), prior, Split::half());
    let top = ContextTransform::new(Affine::new(), mlp(WIDTH, 16, device));
    let last = (steps(8, couple(4, 8), device), top);
    let labels = LabelEmbedding::new(3, WIDTH, &mut fresh_noise(), device);
    Embedded::new(labels, MultiScale::new(vec![level], last))
}

bijection_laws! {
    devices: test_devices();
    two_scales: two_scales, data: normal([2, 1, 8, 4]);
    no_priors_on_odd_channels: without_priors, data: normal([3, 5, 2, 1]);
    given_labels: given_labels, data: normal([3, 1, 4, 4]), context: labels([3], 3);
    context_transform: |device| {
            ContextTransform::<_, _, 2>::new(Affine::new(), mlp(2, 6, device))
        },
        data: normal([4, 3]), context: normal([4, 2]);
    context_transform_of_images: |device| {
            let spline = RationalQuadratic::new(2, 3.0);
            ContextTransform::<_, _, 4>::new(spline, mlp(2, 2 * 5, device))
        },
        data: normal([4, 2, 2, 3]), context: normal([4, 2]);
    embedded_vectors: |device| {
            let network = WithContext::new(mlp(1 + 4, 4, device));
            let coupling = Coupling::<_, _, 2>::new(Split::half(), Affine::new(), network);
            Embedded::new(mlp(3, 4, device), coupling)
        },
        data: normal([4, 3]), context: normal([4, 3]);
    embedded_twice: |device| {
            let given = |width: usize| {
                let network = WithContext::new(mlp(1 + width, 4, device));
                Coupling::<_, _, 2>::new(Split::half(), Affine::new(), network)
            };
            let inner = Embedded::new(mlp(4, 2, device), given(2));
            Embedded::new(mlp(3, 4, device), (inner, given(4)))
        },
        data: normal([4, 3]), context: normal([4, 3]);
}
