//! What the other libraries do differently, as a user would write it.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::numerics::softplus;
use thalweg_flow::{Bijection, ConvNet, Latents, LogDet, Mlp, Network, ScaleMap};

/// nflows' scale, `σ(u + 2) + 0.001`.
#[derive(Module, Debug, Default)]
pub(crate) struct SigmoidWithFloor {}

impl ScaleMap for SigmoidWithFloor {
    fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D> {
        let sigmoid = raw.add_scalar(2.0).neg().exp().add_scalar(1.0).recip();
        sigmoid.add_scalar(1e-3).log()
    }
}

/// A network whose first output is the scale and whose second is the shift.
#[derive(Module, Debug)]
pub(crate) struct ScaleFirst {
    pub(crate) network: Mlp,
}

impl<C> Network<C> for ScaleFirst {
    fn apply(&self, kept: Tensor<2>, _: &C) -> Tensor<2> {
        self.network.forward(kept).flip([1])
    }
}

/// normflows' masks on two features: each network sees both, the transformed one as zero, and
/// gives numbers for both, of which one counts.
#[derive(Module, Debug)]
pub(crate) struct Masked {
    pub(crate) shift: Mlp,
    pub(crate) scale: Mlp,
    pub(crate) kept: usize,
}

impl<C> Network<C> for Masked {
    fn apply(&self, kept: Tensor<2>, _: &C) -> Tensor<2> {
        let transformed = 1 - self.kept;
        let mut sides = vec![kept.zeros_like(), kept.zeros_like()];
        sides[self.kept] = kept;
        let masked = Tensor::cat(sides, 1);
        let one = |network: &Mlp| network.forward(masked.clone()).narrow(1, transformed, 1);
        Tensor::cat(vec![one(&self.shift), one(&self.scale)], 1)
    }
}

/// Images as vectors, so that a base of vectors follows.
#[derive(Module, Debug)]
pub(crate) struct Flatten {
    #[module(skip)]
    pub(crate) image: [usize; 3],
}

impl<C> Bijection<C> for Flatten {
    type Data = Tensor<4>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<4>, _: &C) -> (Tensor<2>, LogDet) {
        let log_det = Tensor::zeros([x.dims()[0]], (&x.device(), x.dtype()));
        (x.flatten(1, 3), log_det)
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<4>, LogDet) {
        let batch = z.dims()[0];
        let log_det = Tensor::zeros([batch], (&z.device(), z.dtype()));
        let [channels, height, width] = self.image;
        (z.reshape([batch, channels, height, width]), log_det)
    }
}

/// Scales as vectors, finest first.
#[derive(Module, Debug)]
pub(crate) struct FlattenScales {
    #[module(skip)]
    pub(crate) shapes: Vec<[usize; 3]>,
}

impl<C> Bijection<C> for FlattenScales {
    type Data = Latents;
    type Latent = Tensor<2>;

    fn forward(&self, x: Latents, _: &C) -> (Tensor<2>, LogDet) {
        let rows = x.flatten();
        let log_det = Tensor::zeros([rows.dims()[0]], (&rows.device(), rows.dtype()));
        (rows, log_det)
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Latents, LogDet) {
        let log_det = Tensor::zeros([z.dims()[0]], (&z.device(), z.dtype()));
        (Latents::restore(z, &self.shapes), log_det)
    }
}

/// A network whose shifts and scales alternate along the channels.
#[derive(Module, Debug)]
pub(crate) struct Interleaved {
    pub(crate) network: ConvNet,
}

impl<C> Network<C, 4> for Interleaved {
    fn apply(&self, kept: Tensor<4>, _: &C) -> Tensor<4> {
        let parameters = self.network.forward(kept);
        let [batch, channels, height, width] = parameters.dims();
        let pairs: Tensor<5> = parameters.reshape([batch, channels / 2, 2, height, width]);
        pairs
            .swap_dims(1, 2)
            .reshape([batch, channels, height, width])
    }
}

/// `1 / σ(u + 2)`: normflows' scale, which it divides by on the way to the latents.
#[derive(Module, Debug, Default)]
pub(crate) struct OneOverSigmoid {}

impl ScaleMap for OneOverSigmoid {
    fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D> {
        raw.add_scalar(2.0).neg().exp().log1p()
    }
}

/// nflows' scale of autoregressive transforms, `softplus(u) + 0.001`.
#[derive(Module, Debug, Default)]
pub(crate) struct SoftplusWithFloor {}

impl ScaleMap for SoftplusWithFloor {
    fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D> {
        softplus(raw).add_scalar(1e-3).log()
    }
}
