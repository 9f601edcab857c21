//! Chains: tuples of up to six bijections, `Vec` for repeated steps, `Option` for optional ones,
//! [`chain!`](crate::chain) for structs of named steps.
//!
//! `forward` of `(a, b)` applies `a` first, `inverse` applies `b` first; the log-determinants add. A
//! chain whose ranks or contexts do not match does not compile.

mod chain;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::invertible_backprop::{BackwardPass, Checkpoints, WithGradient};
use crate::walk::{self, Visitor};
use crate::{Bijection, FlowError, Identity, LogDet, Variable, probe};

macro_rules! tuple {
    ($first:ident $(, $name:ident after $previous:ident)+; $last:ident; $($index:tt),+) => {
        crate::chain! {
            [
                Context,
                $first: Bijection<Context>,
                $($name: Bijection<Context, Data = $previous::Latent>),+
            ]
            ($first, $($name),+), given Context: $first::Data => $last::Latent,
            by $($index),+
        }
    };
}

tuple!(A, B after A; B; 0, 1);
tuple!(A, B after A, C after B; C; 0, 1, 2);
tuple!(A, B after A, C after B, D after C; D; 0, 1, 2, 3);
tuple!(A, B after A, C after B, D after C, E after D; E; 0, 1, 2, 3, 4);
tuple!(A, B after A, C after B, D after C, E after D, F after E; F; 0, 1, 2, 3, 4, 5);

/// Repeated steps of one type, such as Glow's K steps a level.
///
/// # Panics
///
/// On an empty `Vec`.
impl<Context, B, T> Bijection<Context> for Vec<B>
where
    B: Bijection<Context, Data = T, Latent = T>,
    T: Variable,
{
    type Data = T;
    type Latent = T;

    fn forward(&self, x: T, context: &Context) -> (T, LogDet) {
        self.forward_checkpointed(x, context, &mut Checkpoints::none())
    }

    fn forward_checkpointed(
        &self,
        x: T,
        context: &Context,
        checkpoints: &mut Checkpoints,
    ) -> (T, LogDet) {
        fold(self.iter().enumerate(), x, |step, x| {
            step.forward_checkpointed(x, context, checkpoints)
        })
    }

    fn backward(
        &self,
        z: WithGradient<T>,
        context: &Context,
        pass: &mut BackwardPass,
    ) -> WithGradient<T> {
        let steps = self.iter().rev();
        steps.fold(z, |z, step| step.backward(z, context, pass))
    }

    fn inverse(&self, z: T, context: &Context) -> (T, LogDet) {
        fold(self.iter().enumerate().rev(), z, |step, z| {
            step.inverse(z, context)
        })
    }

    fn walk<V: Visitor>(&self, x: T, context: &Context, visitor: &mut V) -> T {
        self.iter().enumerate().fold(x, |x, (index, step)| {
            walk::step(visitor, index, |visitor| step.walk(x, context, visitor))
        })
    }

    fn initialize(self, x: T, context: &Context) -> Result<(Self, T), FlowError> {
        let (mut steps, mut h) = (Vec::with_capacity(self.len()), x);
        for step in self {
            let (step, next) = step.initialize(h, context)?;
            steps.push(step);
            h = next;
        }
        Ok((steps, h))
    }
}

fn fold<'a, B: 'a, T>(
    mut steps: impl Iterator<Item = (usize, &'a B)>,
    input: T,
    mut apply: impl FnMut(&B, T) -> (T, LogDet),
) -> (T, LogDet) {
    let mut apply = |(index, step): (usize, &B), input| probe::step(index, || apply(step, input));
    let first = steps
        .next()
        .expect("a Vec of bijections needs at least one step, got an empty one");
    steps.fold(apply(first, input), |(h, log_det), step| {
        let (h, step) = apply(step, h);
        (h, log_det + step)
    })
}

/// An optional step: `None` is the identity.
impl<Context, B, const D: usize> Bijection<Context> for Option<B>
where
    B: Bijection<Context, Data = Tensor<D>, Latent = Tensor<D>>,
{
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, context: &Context) -> (Tensor<D>, LogDet) {
        match self {
            Some(step) => step.forward(x, context),
            None => Identity::<D> {}.forward(x, context),
        }
    }

    fn forward_checkpointed(
        &self,
        x: Tensor<D>,
        context: &Context,
        checkpoints: &mut Checkpoints,
    ) -> (Tensor<D>, LogDet) {
        match self {
            Some(step) => step.forward_checkpointed(x, context, checkpoints),
            None => Identity::<D> {}.forward(x, context),
        }
    }

    fn backward(
        &self,
        z: WithGradient<Tensor<D>>,
        context: &Context,
        pass: &mut BackwardPass,
    ) -> WithGradient<Tensor<D>> {
        match self {
            Some(step) => step.backward(z, context, pass),
            None => z,
        }
    }

    fn inverse(&self, z: Tensor<D>, context: &Context) -> (Tensor<D>, LogDet) {
        match self {
            Some(step) => step.inverse(z, context),
            None => Identity::<D> {}.inverse(z, context),
        }
    }

    fn walk<V: Visitor>(&self, x: Tensor<D>, context: &Context, visitor: &mut V) -> Tensor<D> {
        match self {
            Some(step) => step.walk(x, context, visitor),
            None => x,
        }
    }

    fn initialize(self, x: Tensor<D>, context: &Context) -> Result<(Self, Tensor<D>), FlowError> {
        match self {
            Some(step) => step.initialize(x, context).map(|(step, z)| (Some(step), z)),
            None => Ok((None, x)),
        }
    }
}

/// A bijection with its directions swapped: `f⁻¹` in place of `f`.
///
/// It turns a layer whose fast direction is `forward` into one whose fast direction is `inverse`.
///
/// See [`inverted`](Invert::inverted) for an example.
#[derive(Module, Debug)]
pub struct Inverted<B: Module + ModuleDisplay> {
    pub(crate) inner: B,
}

impl<B: Module + ModuleDisplay> Inverted<B> {
    /// The bijection itself, which is the inverse of this one.
    pub fn into_inner(self) -> B {
        self.inner
    }
}

/// The method [`inverted`](Invert::inverted) of every module.
///
/// See [`inverted`](Self::inverted) for an example.
pub trait Invert: Module + ModuleDisplay {
    /// The same map with `forward` and `inverse` exchanged.
    ///
    /// ```
    /// use burn::tensor::Tensor;
    /// use thalweg_flow::{Bijection, Invert, Inverted, Logit};
    ///
    /// let sigmoid: Inverted<Logit> = Logit::<2>::new(0.0).inverted();
    /// let z = Tensor::<2>::zeros([1, 2], &Default::default());
    /// let (x, _) = sigmoid.forward(z.clone(), &());
    /// assert_eq!(x.to_data().try_to_vec::<f32>().unwrap(), [0.5, 0.5]);
    /// let (back, _) = sigmoid.into_inner().forward(x, &());
    /// assert_eq!(back.to_data(), z.to_data());
    /// ```
    fn inverted(self) -> Inverted<Self> {
        Inverted { inner: self }
    }
}

impl<B: Module + ModuleDisplay> Invert for B {}

impl<C, B: Bijection<C>> Bijection<C> for Inverted<B> {
    type Data = B::Latent;
    type Latent = B::Data;

    fn forward(&self, x: Self::Data, context: &C) -> (Self::Latent, LogDet) {
        self.inner.inverse(x, context)
    }

    fn inverse(&self, z: Self::Latent, context: &C) -> (Self::Data, LogDet) {
        self.inner.forward(z, context)
    }

    /// One layer, with the details of the layers inside.
    fn walk<V: Visitor>(&self, x: Self::Data, context: &C, visitor: &mut V) -> Self::Latent {
        let details = walk::details(&self.inner, self.forward(x.clone(), context).0, context);
        visitor.layer(self, x, context, details)
    }
}
