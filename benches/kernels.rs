//! Each kernel and its chain of tensor operations, in the sizes of the flows of the other benches: values, and
//! values with gradients.
//!
//! `cargo bench -p thalweg-benches --bench kernels -- NAME` runs the kernels with this text in their name.

use criterion::{Criterion, criterion_group, criterion_main};
use thalweg::device::from_env;
use thalweg::kernels::{
    Activate, Activation, AffineMap, Conv, Dense, Density, Direction, Ends, LogScale, Map, Order,
    Places, Spline, channel_scale, convolutions, dense, log_density, of_tensors, pointwise,
};
use thalweg::prelude::{DType, Device, Noise, Tensor};
use thalweg_benches as _; // the allocator

/// Draws the numbers of a benchmark.
struct Draw {
    device: Device,
    noise: Noise,
}

impl Draw {
    fn new() -> Self {
        Self {
            device: from_env().expect("a device").device,
            noise: Noise::seeded(0),
        }
    }

    fn normal<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        self.noise.normal(shape, &self.device, DType::F32) * 0.1
    }
}

/// Times two functions that give one number a sample, without gradients, and with the gradients of the tensors
/// that `leaves` makes leaves of.
fn compare<T: Clone>(
    c: &mut Criterion,
    name: &str,
    inputs: T,
    leaves: impl Fn(T) -> T,
    kernel: impl Fn(T) -> Tensor<1>,
    tensors: impl Fn(T) -> Tensor<1>,
) {
    let mut group = c.benchmark_group(name);
    let functions: [(&str, &dyn Fn(T) -> Tensor<1>); 2] =
        [("kernel", &kernel), ("tensors", &tensors)];
    for (kind, function) in functions {
        group.bench_function(format!("{kind}/values"), |b| {
            b.iter(|| function(inputs.clone()).into_data());
        });
        group.bench_function(format!("{kind}/gradients"), |b| {
            b.iter(|| function(leaves(inputs.clone())).sum().backward());
        });
    }
    group.finish();
}

fn leaf<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.autodiff().require_grad()
}

/// The sum of each sample's numbers.
fn sums<const D: usize>(y: Tensor<D>) -> Tensor<1> {
    y.flatten::<2>(1, D - 1).sum_dim(1).flatten(0, 1)
}

/// A coupling's network on two moons and on 43 features.
fn layers(c: &mut Criterion) {
    type Inputs = (Tensor<2>, Vec<Dense>);
    for [rows, inputs, hidden, outputs] in [[512, 1, 128, 2], [1024, 22, 100, 42]] {
        let mut draw = Draw::new();
        let mut layer = |inputs, outputs| Dense {
            weight: draw.normal([inputs, outputs]),
            bias: Some(draw.normal([outputs])),
        };
        let net = vec![
            layer(inputs, hidden),
            layer(hidden, hidden),
            layer(hidden, outputs),
        ];
        let leaves = |(x, net): Inputs| {
            let net = net.into_iter().map(|Dense { weight, bias }| Dense {
                weight: leaf(weight),
                bias: bias.map(leaf),
            });
            (leaf(x), net.collect())
        };
        let inputs_of = (draw.normal([rows, inputs]), net);
        for activation in [Activation::Relu, Activation::Silu] {
            let kernel = |(x, net): Inputs| sums(dense(x, net, activation, None));
            let tensors = |(x, net): Inputs| sums(of_tensors::dense(x, net, activation, None));
            let name = format!("dense, {rows} rows of {inputs}, hidden {hidden}, {activation:?}");
            compare(c, &name, inputs_of.clone(), leaves, kernel, tensors);
        }
    }
}

/// A step's network in Glow.
fn images(c: &mut Criterion) {
    type Inputs = (Tensor<4>, Vec<Conv>);
    let mut draw = Draw::new();
    let mut layer = |inputs, outputs, side| Conv {
        weight: draw.normal([outputs, inputs, side, side]),
        bias: Some(draw.normal([outputs])),
    };
    let net = vec![layer(6, 128, 3), layer(128, 128, 1), layer(128, 12, 3)];
    let block = vec![layer(64, 64, 3), layer(64, 64, 3)];
    let leaves = |(x, net): Inputs| {
        let net = net.into_iter().map(|Conv { weight, bias }| Conv {
            weight: leaf(weight),
            bias: bias.map(leaf),
        });
        (leaf(x), net.collect())
    };
    let kernel = |(x, net): Inputs| sums(convolutions(x, net, Activate::Between(Activation::Relu)));
    let tensors = |(x, net): Inputs| {
        sums(of_tensors::convolutions(
            x,
            net,
            Activate::Between(Activation::Relu),
        ))
    };
    let x = draw.normal([16, 6, 16, 16]);
    compare(
        c,
        "convolutions, 16 of 6×16×16, hidden 128",
        (x, net),
        leaves,
        kernel,
        tensors,
    );
    let x = draw.normal([16, 64, 16, 16]);
    compare(
        c,
        "convolutions, 16 of 64×16×16, a residual block",
        (x, block),
        leaves,
        kernel,
        tensors,
    );
}

const PLACES: [Places; 2] = [
    Places {
        first: 0,
        step: 1,
        count: 22,
    },
    Places {
        first: 22,
        step: 1,
        count: 21,
    },
];

fn maps(c: &mut Criterion) {
    let mut draw = Draw::new();
    type Inputs = (Tensor<2>, Tensor<2>);
    let leaves = |(x, p): Inputs| (leaf(x), leaf(p));
    let affine = Map::Affine(AffineMap::new(LogScale::SoftBounded(2.0)));
    let spline = Map::Spline(Spline::new(8, 3.0, Ends::Straight));
    for (name, map) in [("affine", affine), ("spline", spline)] {
        for direction in [Direction::Forward, Direction::Inverse] {
            let parameters = map.parameters() * PLACES[1].count;
            let inputs = (draw.normal([1024, 43]), draw.normal([1024, parameters]));
            let kernel = |(x, p): Inputs| {
                let (y, log_det) = pointwise(map, direction, x, PLACES, p);
                sums(y) + log_det
            };
            let tensors = |(x, p): Inputs| {
                let (y, log_det) = of_tensors::pointwise(map, direction, x, PLACES, p);
                sums(y) + log_det
            };
            let name = format!("{name} {direction:?}, 1024 rows of 43");
            compare(c, &name, inputs, leaves, kernel, tensors);
        }
    }

    type Scale = (Tensor<4>, Tensor<1>, Tensor<1>);
    let inputs = (
        draw.normal([16, 12, 16, 16]),
        draw.normal([12]),
        draw.normal([12]),
    );
    let leaves = |(x, shift, scale): Scale| (leaf(x), leaf(shift), leaf(scale));
    let kernel =
        |(x, shift, scale): Scale| sums(channel_scale(x, shift, scale, Order::CentreFirst));
    let tensors = |(x, shift, scale): Scale| {
        sums(of_tensors::channel_scale(
            x,
            shift,
            scale,
            Order::CentreFirst,
        ))
    };
    compare(
        c,
        "channel_scale, 16 of 12×16×16",
        inputs,
        leaves,
        kernel,
        tensors,
    );
}

fn densities(c: &mut Criterion) {
    let z = Draw::new().normal([10_000, 43]);
    for density in [Density::Normal, Density::Logistic] {
        let (kernel, tensors): (fn(_) -> _, fn(_) -> _) = match density {
            Density::Normal => (
                |z: Tensor<2>| log_density(z, Density::Normal),
                |z: Tensor<2>| of_tensors::log_density(z, Density::Normal),
            ),
            Density::Logistic => (
                |z: Tensor<2>| log_density(z, Density::Logistic),
                |z: Tensor<2>| of_tensors::log_density(z, Density::Logistic),
            ),
        };
        let name = format!("log_density, {density:?}, 10,000 rows of 43");
        compare(c, &name, z.clone(), leaf, kernel, tensors);
    }
}

criterion_group! {
    name = kernels;
    config = Criterion::default().sample_size(20);
    targets = layers, images, maps, densities
}
criterion_main!(kernels);
