//! The way back along a trail.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Gradients, Tensor};

use super::checksum::Checksum;
use super::trail::Mark;
use crate::LogDet;
use crate::variable::{Variable, inner_product};

/// A value, and the derivatives of the loss there.
#[derive(Debug, Clone)]
pub struct WithGradient<T> {
    /// Where.
    pub value: T,
    /// One derivative for each number of the value.
    pub gradient: T,
}

/// Goes along a [`Checkpoints`](super::Checkpoints) from the latents to the data: at each layer, last first, it
/// knows the layer's input or checks it, and gathers the gradients of the layer's parameters.
#[derive(Debug)]
pub struct BackwardPass {
    marks: Vec<Mark>,
    checksum: Checksum,
    log_det: Tensor<1>,
    gradients: GradientsParams,
    contexts: Vec<Context>,
    drifts: Vec<(usize, Tensor<1>)>,
}

/// A vector that several layers are given, and the gradient so far.
#[derive(Debug)]
struct Context {
    leaf: Tensor<2>,
    gradient: Option<Tensor<2>>,
}

impl BackwardPass {
    pub(super) fn new(marks: Vec<Mark>, checksum: Checksum, log_det: Tensor<1>) -> Self {
        Self {
            marks,
            checksum,
            log_det,
            gradients: GradientsParams::new(),
            contexts: vec![],
            drifts: vec![],
        }
    }

    /// The input of the layer, if it was kept.
    ///
    /// # Panics
    ///
    /// When the way back is not the way there: see [`check`](Self::check).
    pub fn kept<T: Variable>(&mut self) -> Option<T> {
        let kept = self.marks.last_mut().expect(ASTRAY).kept.take()?;
        self.marks.pop();
        Some(*kept.downcast().expect(ASTRAY))
    }

    /// Compares an input that was found by inverting the layer with what the layer had seen.
    ///
    /// # Panics
    ///
    /// When no layer is left: a bijection has to go back through the layers that it went forward
    /// through.
    pub fn check<T: Variable>(&mut self, x: &T) {
        let mark = self.marks.pop().expect(ASTRAY);
        let drift = self.checksum.drift(mark.checksum, x);
        self.drifts.push((self.marks.len(), drift));
    }

    /// The input of the layer: what was kept, or what `inverse` gives, checked.
    pub fn input<T: Variable>(&mut self, inverse: impl FnOnce() -> T) -> T {
        self.kept().unwrap_or_else(|| {
            let x = inverse().plain();
            self.check(&x);
            x
        })
    }

    /// Through one layer: computes it again from its input, now with a tape, and back.
    pub fn through<M: Module, X: Variable, Z: Variable>(
        &mut self,
        layer: &M,
        x: X,
        gradient: &Z,
        forward: impl FnOnce(X) -> (Z, LogDet),
    ) -> WithGradient<X> {
        let leaf = x.clone().leaf();
        let (z, log_det) = forward(leaf.clone());
        let mut gradients = self.gradients(layer, &z, log_det, gradient);
        WithGradient {
            gradient: leaf.gradient(&mut gradients),
            value: x,
        }
    }

    /// Back through the tape of what a layer gave, `z` and its log-determinant: gathers the
    /// gradients of the layer's parameters, and gives back those of the leaves.
    pub fn gradients<M: Module, Z: Variable>(
        &mut self,
        layer: &M,
        z: &Z,
        log_det: LogDet,
        gradient: &Z,
    ) -> Gradients {
        let loss = inner_product(z, gradient) + (log_det * self.log_det.clone()).sum();
        let mut gradients = loss.backward();
        self.gather(layer, &mut gradients);
        gradients
    }

    /// Adds the gradients of a module's parameters, and of the vectors that it was given.
    pub fn gather<M: Module>(&mut self, module: &M, gradients: &mut Gradients) {
        for context in &mut self.contexts {
            let Some(new) = context.leaf.grad_remove(gradients) else {
                continue;
            };
            context.gradient = Some(match context.gradient.take() {
                Some(sum) => sum + new,
                None => new,
            });
        }
        let new = GradientsParams::from_module(gradients, module);
        module.visit(&mut Gather {
            sum: &mut self.gradients,
            new,
        });
    }

    /// Runs layers that are given vectors with a gradient of their own, which comes back with what
    /// the layers give. Without a layer that uses them there is none.
    pub fn with_context<T>(
        &mut self,
        vectors: Tensor<2>,
        run: impl FnOnce(&mut Self, &Tensor<2>) -> T,
    ) -> (T, Option<Tensor<2>>) {
        let leaf = vectors.leaf();
        self.contexts.push(Context {
            leaf: leaf.clone(),
            gradient: None,
        });
        let result = run(self, &leaf);
        let context = self.contexts.pop();
        (result, context.and_then(|context| context.gradient))
    }

    /// The gradients of all parameters, and how far each input that was found by inversion is from
    /// what its layer had seen: the number of the layer, and one number a sample.
    ///
    /// # Panics
    ///
    /// When layers are left.
    pub fn finish(self) -> (GradientsParams, Vec<(usize, Tensor<1>)>) {
        assert!(self.marks.is_empty(), "{ASTRAY}");
        (self.gradients, self.drifts)
    }
}

const ASTRAY: &str = "a bijection went back through other layers than it went forward through: \
                      implement `forward_checkpointed` and `backward` for the same steps, or neither";

/// Moves the gradients of one module into the sum: a layer may come twice in a chain.
struct Gather<'a> {
    sum: &'a mut GradientsParams,
    new: GradientsParams,
}

impl ModuleVisitor for Gather<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(new) = self.new.remove::<D>(param.id) else {
            return;
        };
        let sum = match self.sum.remove::<D>(param.id) {
            Some(sum) => sum + new,
            None => new,
        };
        self.sum.register(param.id, sum);
    }
}
