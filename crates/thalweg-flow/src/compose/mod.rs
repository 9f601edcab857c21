//! Chains: tuples of up to six bijections, `Vec` for repeated steps, `Option` for optional ones,
//! [`chain!`](crate::chain) for structs of named steps.
//!
//! `(a, b)` applies `a` first on the way to the latent and `b` first on the way back; the
//! log-determinants add. A chain whose ranks or contexts do not fit does not compile.

mod chain;

use burn::tensor::Tensor;

use crate::{
    Bijection, FlowError, Identity, LogDet, Slope, Trail, Variable, WayBack, chain, probe,
};

macro_rules! tuple {
    ($first:ident 0, $($layer:ident $index:tt after $previous:ident),+; last $last:ident) => {
        chain! {
            [
                Context,
                $first: Bijection<Context>,
                $($layer: Bijection<Context, Data = $previous::Latent>),+
            ]
            ($first, $($layer),+), given Context: $first::Data => $last::Latent,
            by 0 $(, $index)+
        }
    };
}

tuple!(A 0, B 1 after A; last B);
tuple!(A 0, B 1 after A, C 2 after B; last C);
tuple!(A 0, B 1 after A, C 2 after B, D 3 after C; last D);
tuple!(A 0, B 1 after A, C 2 after B, D 3 after C, E 4 after D; last E);
tuple!(A 0, B 1 after A, C 2 after B, D 3 after C, E 4 after D, F 5 after E; last F);

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
        self.forward_on(x, context, &mut Trail::none())
    }

    fn forward_on(&self, x: T, context: &Context, trail: &mut Trail) -> (T, LogDet) {
        fold(self.iter().enumerate(), x, |step, x| {
            step.forward_on(x, context, trail)
        })
    }

    fn backward_on(&self, z: Slope<T>, context: &Context, way: &mut WayBack) -> Slope<T> {
        let steps = self.iter().rev();
        steps.fold(z, |z, step| step.backward_on(z, context, way))
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

    fn forward_on(
        &self,
        x: Tensor<D>,
        context: &Context,
        trail: &mut Trail,
    ) -> (Tensor<D>, LogDet) {
        match self {
            Some(step) => step.forward_on(x, context, trail),
            None => Identity::<D> {}.forward(x, context),
        }
    }

    fn backward_on(
        &self,
        z: Slope<Tensor<D>>,
        context: &Context,
        way: &mut WayBack,
    ) -> Slope<Tensor<D>> {
        match self {
            Some(step) => step.backward_on(z, context, way),
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
