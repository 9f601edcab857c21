//! Flows of images whose latents leave at several scales.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::invertible_backprop::{BackwardPass, Checkpoints, WithGradient};
use crate::walk::{self, Visitor};
use crate::{Bijection, FlowError, Latents, LogDet, Split, probe};

/// One level of a [`MultiScale`]: steps, then a part of the channels leaves.
///
/// The split prior is a coupling: it keeps the channels that stay and standardizes those that leave,
/// `z = (x_leaving − μ(x_staying)) / σ(x_staying)`, so that every latent is standard normal.
/// [`Identity`](crate::Identity) in its place gives RealNVP's unconditional prior.
///
/// See [`MultiScale`] for an example.
#[derive(Module, Debug)]
pub struct Level<S: Module + ModuleDisplay, P: Module + ModuleDisplay> {
    /// The layers of this scale, with its squeeze.
    pub steps: S,
    /// Standardizes the leaving channels, given those that stay.
    pub prior: P,
    #[module(skip)]
    split: Split,
}

impl<S: Module + ModuleDisplay, P: Module + ModuleDisplay> Level<S, P> {
    /// Steps and a prior; the split keeps the channels that stay.
    pub fn new(steps: S, prior: P, split: Split) -> Self {
        Self {
            steps,
            prior,
            split,
        }
    }

    pub(crate) fn split(&self) -> Split {
        self.split
    }
}

/// A stack of levels, finest first: at the end of each level a part of the channels leaves as a latent,
/// and the last layers map the rest.
///
/// `ln|det J|` is the sum over the levels.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ActNorm, Bijection, Identity, Level, MultiScale, Split, Squeeze};
///
/// let device = Device::default();
/// let steps = (Squeeze::new(), ActNorm::<4>::identity(12, &device));
/// let level = Level::new(steps, Identity::<4> {}, Split::half());
/// let scales = MultiScale::new(vec![level], Squeeze::new());
///
/// let x = Tensor::<4>::ones([5, 3, 8, 8], &device);
/// let (z, log_det) = scales.forward(x.clone(), &());
/// assert_eq!(z.shapes(), [[6, 4, 4], [24, 2, 2]]);
/// assert_eq!(log_det.dims(), [5]);
/// assert_eq!(scales.inverse(z, &()).0.to_data(), x.to_data());
/// ```
///
/// # Shapes
///
/// `[batch, channels, height, width]` to [`Latents`].
///
/// # Panics
///
/// In `inverse`, unless there is one scale a level and one more.
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, section 3.6, eq.
/// 14–16. Su Jianlin: *Flow 2: RealNVP and Glow*, kexue.fm/archives/5807, 2018, eq. 3–5, for the
/// conditional prior as a standardization.
#[derive(Module, Debug)]
pub struct MultiScale<
    S: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
    L: Module + ModuleDisplay,
> {
    /// Finest first.
    pub levels: Vec<Level<S, P>>,
    /// The layers of the coarsest scale.
    pub last: L,
}

impl<S, P, L> MultiScale<S, P, L>
where
    S: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
    L: Module + ModuleDisplay,
{
    /// Levels, finest first, and the layers after the last of them.
    pub fn new(levels: Vec<Level<S, P>>, last: L) -> Self {
        Self { levels, last }
    }

    /// The latents of the levels and those of the last layers.
    fn scales(&self, z: Latents) -> (Vec<Tensor<4>>, Tensor<4>) {
        let mut scales = z.into_scales();
        assert!(
            scales.len() == self.levels.len() + 1,
            "a flow of {} scales got latents of {}",
            self.levels.len() + 1,
            scales.len()
        );
        let last = scales.pop().expect("latents have a scale or more");
        (scales, last)
    }
}

impl<C, S, P, L> Bijection<C> for MultiScale<S, P, L>
where
    S: Bijection<C, Data = Tensor<4>, Latent = Tensor<4>>,
    P: Bijection<C, Data = Tensor<4>, Latent = Tensor<4>>,
    L: Bijection<C, Data = Tensor<4>, Latent = Tensor<4>>,
{
    type Data = Tensor<4>;
    type Latent = Latents;

    fn forward(&self, x: Tensor<4>, context: &C) -> (Latents, LogDet) {
        self.forward_checkpointed(x, context, &mut Checkpoints::none())
    }

    fn forward_checkpointed(
        &self,
        x: Tensor<4>,
        context: &C,
        checkpoints: &mut Checkpoints,
    ) -> (Latents, LogDet) {
        let (mut scales, mut log_dets, mut x) = (vec![], vec![], x);
        for (index, level) in self.levels.iter().enumerate() {
            let at = |part: &str| format!("levels.{index}.{part}");
            let (h, steps) = probe::step(at("steps"), || {
                level.steps.forward_checkpointed(x, context, checkpoints)
            });
            let (h, prior) = probe::step(at("prior"), || {
                level.prior.forward_checkpointed(h, context, checkpoints)
            });
            let (stays, leaves) = level.split.split(h);
            log_dets.extend([steps, prior]);
            scales.push(leaves);
            x = stays;
        }
        let (z, last) = probe::step("last", || {
            self.last.forward_checkpointed(x, context, checkpoints)
        });
        scales.push(z);
        (
            Latents::new(scales),
            log_dets.into_iter().fold(last, LogDet::add),
        )
    }

    fn backward(
        &self,
        z: WithGradient<Latents>,
        context: &C,
        pass: &mut BackwardPass,
    ) -> WithGradient<Tensor<4>> {
        let (values, last) = self.scales(z.value);
        let (gradients, last_gradient) = self.scales(z.gradient);
        let last = WithGradient {
            value: last,
            gradient: last_gradient,
        };
        let mut x = self.last.backward(last, context, pass);
        let leaving = values.into_iter().zip(gradients);
        for (level, (value, gradient)) in self.levels.iter().zip(leaving).rev() {
            let h = WithGradient {
                value: level.split.merge(x.value, value),
                gradient: level.split.merge(x.gradient, gradient),
            };
            let h = level.prior.backward(h, context, pass);
            x = level.steps.backward(h, context, pass);
        }
        x
    }

    fn walk<V: Visitor>(&self, x: Tensor<4>, context: &C, visitor: &mut V) -> Latents {
        let (mut scales, mut x) = (vec![], x);
        for (index, level) in self.levels.iter().enumerate() {
            let at = |part: &str| format!("levels.{index}.{part}");
            let h = walk::step(visitor, at("steps"), |visitor| {
                level.steps.walk(x, context, visitor)
            });
            let h = walk::step(visitor, at("prior"), |visitor| {
                level.prior.walk(h, context, visitor)
            });
            let (stays, leaves) = level.split.split(h);
            scales.push(leaves);
            x = stays;
        }
        scales.push(walk::step(visitor, "last", |visitor| {
            self.last.walk(x, context, visitor)
        }));
        Latents::new(scales)
    }

    fn inverse(&self, z: Latents, context: &C) -> (Tensor<4>, LogDet) {
        let (scales, last) = self.scales(z);
        let (mut x, mut log_det) = self.last.inverse(last, context);
        for (level, leaves) in self.levels.iter().zip(scales).rev() {
            let h = level.split.merge(x, leaves);
            let (h, prior) = level.prior.inverse(h, context);
            let (h, steps) = level.steps.inverse(h, context);
            log_det = log_det + prior + steps;
            x = h;
        }
        (x, log_det)
    }

    fn initialize(mut self, x: Tensor<4>, context: &C) -> Result<(Self, Latents), FlowError> {
        let (mut scales, mut x) = (vec![], x);
        let mut levels = Vec::with_capacity(self.levels.len());
        for level in self.levels {
            let (steps, h) = level.steps.initialize(x, context)?;
            let (prior, h) = level.prior.initialize(h, context)?;
            let (stays, leaves) = level.split.split(h);
            levels.push(Level::new(steps, prior, level.split));
            scales.push(leaves);
            x = stays;
        }
        self.levels = levels;
        let (last, z) = self.last.initialize(x, context)?;
        self.last = last;
        scales.push(z);
        Ok((self, Latents::new(scales)))
    }
}
