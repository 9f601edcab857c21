//! Chains: tuples of up to six bijections, `Vec` for repeated steps, `Option` for optional ones,
//! [`chain!`](crate::chain) for structs of named steps.
//!
//! `(a, b)` applies `a` first on the way to the latent and `b` first on the way back; the
//! log-determinants add. A chain whose ranks or contexts do not fit does not compile.

mod chain;
mod invert;

pub use invert::{Invert, Inverted};

use burn::tensor::Tensor;

use crate::invertible_backprop::{BackwardPass, Checkpoints, WithGradient};
use crate::{Bijection, FlowError, Identity, LogDet, Variable, probe};

macro_rules! tuple_bijection {
    ($first:ident $first_index:tt, $($name:ident $index:tt after $previous:ident),+; last $last:ident; reverse $($reverse:tt)*) => {
        impl<Context, $first, $($name),+> Bijection<Context> for ($first, $($name),+)
        where
            $first: Bijection<Context>,
            $($name: Bijection<Context, Data = $previous::Latent>),+
        {
            type Data = $first::Data;
            type Latent = $last::Latent;

            fn forward(&self, x: Self::Data, context: &Context) -> (Self::Latent, LogDet) {
                self.forward_checkpointed(x, context, &mut Checkpoints::none())
            }

            fn forward_checkpointed(
                &self,
                x: Self::Data,
                context: &Context,
                trail: &mut Checkpoints,
            ) -> (Self::Latent, LogDet) {
                let (h, log_det) =
                    probe::step($first_index, || self.$first_index.forward_checkpointed(x, context, trail));
                $(
                    let (h, step) =
                        probe::step($index, || self.$index.forward_checkpointed(h, context, trail));
                    let log_det = log_det + step;
                )+
                (h, log_det)
            }

            fn backward(
                &self,
                z: WithGradient<Self::Latent>,
                context: &Context,
                way: &mut BackwardPass,
            ) -> WithGradient<Self::Data> {
                tuple_bijection!(@backward self, z, context, way, $($reverse)*)
            }

            fn inverse(&self, z: Self::Latent, context: &Context) -> (Self::Data, LogDet) {
                tuple_bijection!(@inverse self, z, context, $($reverse)*)
            }

            #[allow(non_snake_case)] // each layer is named after its type
            fn initialize(
                self,
                x: Self::Data,
                context: &Context,
            ) -> Result<(Self, Self::Latent), FlowError> {
                let ($first, $($name),+) = self;
                let ($first, h) = $first.initialize(x, context)?;
                $(let ($name, h) = $name.initialize(h, context)?;)+
                Ok((($first, $($name),+), h))
            }
        }
    };
    (@inverse $self:ident, $z:ident, $context:ident, $first:tt $($index:tt)*) => {{
        let (h, log_det) = probe::step($first, || $self.$first.inverse($z, $context));
        $(
            let (h, step) = probe::step($index, || $self.$index.inverse(h, $context));
            let log_det = log_det + step;
        )*
        (h, log_det)
    }};
    (@backward $self:ident, $z:ident, $context:ident, $way:ident, $first:tt $($index:tt)*) => {{
        let h = $self.$first.backward($z, $context, $way);
        $(let h = $self.$index.backward(h, $context, $way);)*
        h
    }};
}

tuple_bijection!(A 0, B 1 after A; last B; reverse 1 0);
tuple_bijection!(A 0, B 1 after A, C 2 after B; last C; reverse 2 1 0);
tuple_bijection!(A 0, B 1 after A, C 2 after B, D 3 after C; last D; reverse 3 2 1 0);
tuple_bijection!(A 0, B 1 after A, C 2 after B, D 3 after C, E 4 after D; last E; reverse 4 3 2 1 0);
tuple_bijection!(A 0, B 1 after A, C 2 after B, D 3 after C, E 4 after D, F 5 after E; last F; reverse 5 4 3 2 1 0);

/// Repeated steps of one type, such as Glow's K steps a level.
///
/// # Panics
///
/// On an empty `Vec`: without a step there is no batch to give the log-determinant its shape.
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
        trail: &mut Checkpoints,
    ) -> (T, LogDet) {
        fold(self.iter().enumerate(), x, |step, x| {
            step.forward_checkpointed(x, context, trail)
        })
    }

    fn backward(
        &self,
        z: WithGradient<T>,
        context: &Context,
        way: &mut BackwardPass,
    ) -> WithGradient<T> {
        let steps = self.iter().rev();
        steps.fold(z, |z, step| step.backward(z, context, way))
    }

    fn inverse(&self, z: T, context: &Context) -> (T, LogDet) {
        fold(self.iter().enumerate().rev(), z, |step, z| {
            step.inverse(z, context)
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

/// A step that may be left out: `None` is the identity.
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
        trail: &mut Checkpoints,
    ) -> (Tensor<D>, LogDet) {
        match self {
            Some(step) => step.forward_checkpointed(x, context, trail),
            None => Identity::<D> {}.forward(x, context),
        }
    }

    fn backward(
        &self,
        z: WithGradient<Tensor<D>>,
        context: &Context,
        way: &mut BackwardPass,
    ) -> WithGradient<Tensor<D>> {
        match self {
            Some(step) => step.backward(z, context, way),
            None => z,
        }
    }

    fn inverse(&self, z: Tensor<D>, context: &Context) -> (Tensor<D>, LogDet) {
        match self {
            Some(step) => step.inverse(z, context),
            None => Identity::<D> {}.inverse(z, context),
        }
    }

    fn initialize(self, x: Tensor<D>, context: &Context) -> Result<(Self, Tensor<D>), FlowError> {
        match self {
            Some(step) => step.initialize(x, context).map(|(step, z)| (Some(step), z)),
            None => Ok((None, x)),
        }
    }
}
