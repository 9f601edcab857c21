//! The backward pass, layer by layer.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Gradients, Tensor};

use super::checkpoints::{Checksum, Mark};
use crate::variable::{Variable, inner_product};
use crate::{LogDet, Transformer};

/// A value and the gradient of the loss at it.
///
/// See [`BackwardPass`] for an example.
#[derive(Debug, Clone)]
pub struct WithGradient<T> {
    /// The value.
    pub value: T,
    /// One derivative for each number of the value.
    pub gradient: T,
}

/// Visits the layers from last to first: finds each layer's input and accumulates the gradients of
/// its parameters.
///
/// A layer of the provided methods, by hand:
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::invertible_backprop::{Checkpoints, WithGradient};
/// use thalweg_flow::{Bijection, DiagonalScale};
///
/// let device = Device::default().autodiff();
/// let layer = DiagonalScale::<2>::from_log_scale(Tensor::from_floats([0.5], &device));
/// let x = Tensor::<2>::ones([1, 1], &device.inner());
///
/// let mut checkpoints = Checkpoints::new();
/// let (value, log_det) = {
///     use burn::module::Module;
///     layer.valid().forward_checkpointed(x, &(), &mut checkpoints)
/// };
/// // The loss is z: its gradient is 1 there, and 0 in the log-determinant.
/// let mut pass = checkpoints.backward(log_det.zeros_like());
/// let gradient = value.ones_like();
/// let found = layer.backward(WithGradient { value, gradient }, &(), &mut pass);
/// assert!((found.gradient.into_scalar::<f32>() - 0.5_f32.exp()).abs() < 1e-6);
/// assert_eq!(pass.finish().0.len(), 1);
/// ```
#[derive(Debug)]
pub struct BackwardPass {
    marks: Vec<Mark>,
    checksum: Checksum,
    log_det: Tensor<1>,
    gradients: GradientsParams,
    contexts: Vec<Context>,
    drifts: Vec<(usize, Tensor<1>)>,
}

/// A context vector that several layers read, and its gradient so far.
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

    /// The saved input of the layer, if there is one.
    ///
    /// # Panics
    ///
    /// When the layer saved no checkpoint in the forward pass.
    pub fn kept<T: Variable>(&mut self) -> Option<T> {
        let kept = self.marks.last_mut().expect(ASTRAY).kept.take()?;
        self.marks.pop();
        Some(*kept.downcast().expect(ASTRAY))
    }

    /// Compares an input that was found by inversion with the checksum of the forward pass.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::invertible_backprop::Checkpoints;
    ///
    /// let x = Tensor::<2>::from_floats([[1.0, -1.0]], &Device::default());
    /// let mut checkpoints = Checkpoints::new();
    /// checkpoints.save(&x);
    /// checkpoints.save(&x);
    /// let mut pass = checkpoints.backward(Tensor::zeros([1], &x.device()));
    /// pass.check(&(x.clone() * 1.01));
    /// pass.check(&x);
    /// // From the last layer to the first: an error of a hundredth, and none.
    /// let drifts = pass.finish().1.into_iter().map(|(layer, drift)| (layer, drift.into_scalar::<f32>()));
    /// let [(1, some), (0, none)] = drifts.collect::<Vec<_>>()[..] else { panic!() };
    /// assert!(some > 1e-3 && some < 0.02 && none == 0.0);
    /// ```
    ///
    /// # Panics
    ///
    /// When the layer saved no checkpoint in the forward pass.
    pub fn check<T: Variable>(&mut self, x: &T) {
        let mark = self.marks.pop().expect(ASTRAY);
        let drift = self.checksum.drift(mark.checksum, x);
        self.drifts.push((self.marks.len(), drift));
    }

    /// The input of the layer: the saved one, or the checked result of `inverse`.
    ///
    /// See [`through`](Self::through) for an example.
    ///
    /// # Panics
    ///
    /// As [`kept`](Self::kept).
    pub fn input<T: Variable>(&mut self, inverse: impl FnOnce() -> T) -> T {
        self.kept().unwrap_or_else(|| {
            let x = inverse().plain();
            self.check(&x);
            x
        })
    }

    /// Backpropagates through one layer: evaluates it again at `x` on a tape of its own.
    ///
    /// ```
    /// use burn::module::Module;
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::invertible_backprop::Checkpoints;
    /// use thalweg_flow::{Bijection, DiagonalScale};
    ///
    /// let device = Device::default().autodiff();
    /// let layer = DiagonalScale::<2>::from_log_scale(Tensor::from_floats([0.5], &device));
    /// let x = Tensor::<2>::ones([1, 1], &device.inner());
    ///
    /// // What the provided methods do.
    /// let mut checkpoints = Checkpoints::new();
    /// checkpoints.save(&x);
    /// let (z, log_det) = layer.valid().forward(x, &());
    /// let mut pass = checkpoints.backward(log_det.zeros_like());
    /// let gradient = z.ones_like();
    /// let x = pass.input(|| layer.valid().inverse(z, &()).0);
    /// let found = pass.through(&layer, x, &gradient, |x| layer.forward(x, &()));
    /// assert!((found.gradient.into_scalar::<f32>() - 0.5_f32.exp()).abs() < 1e-6);
    /// ```
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

    /// Backpropagates through the tape of a layer's `z` and log-determinant: accumulates the gradients
    /// of its parameters and returns those of the leaves.
    pub fn gradients<M: Module, Z: Variable>(
        &mut self,
        layer: &M,
        z: &Z,
        log_det: LogDet,
        gradient: &Z,
    ) -> Gradients {
        let loss = inner_product(z, gradient) + (log_det * self.log_det.clone()).sum();
        let mut gradients = loss.backward();
        self.accumulate(layer, &mut gradients);
        gradients
    }

    /// Adds the gradients of a module's parameters and of its context vectors to the sums.
    ///
    /// ```
    /// use burn::module::Param;
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::invertible_backprop::Checkpoints;
    ///
    /// let device = Device::default().autodiff();
    /// let module = Param::from_tensor(Tensor::<1>::from_floats([3.0], &device));
    /// let mut pass = Checkpoints::new().backward(Tensor::zeros([1], &device.inner()));
    /// // Twice the gradient of x², which is 6.
    /// for _ in 0..2 {
    ///     pass.accumulate(&module, &mut module.val().square().sum().backward());
    /// }
    /// let gradient = pass.finish().0.get::<1>(module.id).expect("a gradient");
    /// assert_eq!(gradient.into_scalar::<f32>(), 12.0);
    /// ```
    pub fn accumulate<M: Module>(&mut self, module: &M, gradients: &mut Gradients) {
        for context in &mut self.contexts {
            if let Some(new) = context.leaf.grad_remove(gradients) {
                context.gradient = Some(plus(context.gradient.take(), new));
            }
        }
        let new = GradientsParams::from_module(gradients, module);
        module.visit(&mut Accumulate {
            sum: &mut self.gradients,
            new,
        });
    }

    /// Runs layers whose context vectors have a gradient, and returns that gradient with the result.
    /// It is `None` when no layer reads the vectors.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::invertible_backprop::{BackwardPass, Checkpoints};
    /// use thalweg_flow::{Bijection, DiagonalScale};
    ///
    /// let device = Device::default().autodiff();
    /// let layer = DiagonalScale::<2>::from_log_scale(Tensor::from_floats([0.5], &device));
    /// let x = Tensor::<2>::ones([1, 1], &device.inner());
    /// let (vectors, gradient) = (x.clone() * 2.0, x.clone() * 3.0);
    ///
    /// // A layer `z = eˢ x + c²`, at whose `z` the loss has the gradient 3.
    /// let mut pass = Checkpoints::new().backward(Tensor::zeros([1], &x.device()));
    /// let (_, found) = pass.with_context(vectors, |pass: &mut BackwardPass, c| {
    ///     pass.through(&layer, x, &gradient, |x| {
    ///         let (z, log_det) = layer.forward(x, &());
    ///         (z + c.clone().square(), log_det)
    ///     })
    /// });
    /// assert_eq!(found.expect("a gradient").into_scalar::<f32>(), 3.0 * 2.0 * 2.0);
    /// ```
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

    /// The gradients of all parameters, and the drift of each input that was found by inversion: the
    /// index of the layer and one number a sample.
    ///
    /// # Panics
    ///
    /// When a checkpoint is left over.
    pub fn finish(self) -> (GradientsParams, Vec<(usize, Tensor<1>)>) {
        assert!(self.marks.is_empty(), "{ASTRAY}");
        (self.gradients, self.drifts)
    }
}

const ASTRAY: &str = "the backward pass visits other layers than the forward pass: implement \
                      `forward_checkpointed` and `backward` for the same steps, or neither";

/// Backpropagates through a coupling with one evaluation of its network: the kept part, and so the
/// parameters, are the same on both sides.
///
/// `value` and `gradient` are `[kept, transformed]`; `parameters` evaluates the network.
pub(crate) fn through_coupling<M: Module, T: Transformer, const D: usize, const E: usize>(
    pass: &mut BackwardPass,
    layer: &M,
    transformer: &T,
    [kept, transformed]: [Tensor<D>; 2],
    gradient: [Tensor<D>; 2],
    parameters: impl FnOnce(&Tensor<D>) -> Tensor<D>,
    merge: impl Fn(Tensor<D>, Tensor<D>) -> Tensor<E>,
) -> WithGradient<Tensor<E>> {
    let kept = kept.leaf();
    let parameters = parameters(&kept);
    let plain = transformer.valid();
    let (transformed, _) = plain.inverse(transformed, parameters.clone().plain());
    let value = merge(kept.clone().plain(), transformed.clone());
    pass.check(&value);

    let transformed = transformed.leaf();
    let (moved, log_det) = transformer.forward(transformed.clone(), parameters);
    let output = (kept.clone(), moved);
    let mut gradients = pass.gradients(layer, &output, log_det, &gradient.into());
    let kept = kept.gradient(&mut gradients);
    let gradient = merge(kept, transformed.gradient(&mut gradients));
    WithGradient { value, gradient }
}

/// Adds the gradients of one module to the sum, where a layer may occur twice in a chain.
struct Accumulate<'a> {
    sum: &'a mut GradientsParams,
    new: GradientsParams,
}

impl ModuleVisitor for Accumulate<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(new) = self.new.remove::<D>(param.id) {
            let sum = plus(self.sum.remove::<D>(param.id), new);
            self.sum.register(param.id, sum);
        }
    }
}

fn plus<const D: usize>(sum: Option<Tensor<D>>, new: Tensor<D>) -> Tensor<D> {
    match sum {
        Some(sum) => sum + new,
        None => new,
    }
}
