//! The tests of compiled forms that `bijection_laws!` writes.

use burn::tensor::{DType, Device};
use thalweg_flow::compiled::{CompiledContext, Lower};
use thalweg_flow::precision::cast;

use crate::laws::{Compilable, compiled_agrees};
use crate::{Batched, Law, Options, Sample, Testable, scramble};

/// A bijection, and what to compare its compiled form on.
#[doc(hidden)]
#[derive(Debug)]
pub struct Compiled<B, D, C> {
    bijection: B,
    data: D,
    context: C,
}

impl<B, D, C> Compiled<B, D, C> {
    /// One for each device, in 32 bits; none where the law is skipped.
    pub fn all<S, K>(
        devices: &[Device],
        build: impl Fn(&Device) -> B,
        data: S,
        context: K,
        options: &Options,
    ) -> Vec<Self>
    where
        C: Batched,
        B: Testable<C, Data = D>,
        S: Sample<Value = D>,
        K: Sample<Value = C>,
    {
        assert!(!devices.is_empty(), "without a device nothing is tested");
        if let Some(reason) = options.skipped(Law::CompiledAgrees) {
            println!("{} is skipped: {reason}", Law::CompiledAgrees);
            return vec![];
        }
        let subject = |device: &Device| {
            let bijection = cast(scramble(build(device), options.amplitude), DType::F32);
            Self {
                bijection: bijection.unwrap_or_else(|error| panic!("{error}")),
                data: data.sample(device, DType::F32, 1),
                context: context.sample(device, DType::F32, 2),
            }
        };
        devices.iter().map(subject).collect()
    }
}

/// A bijection with a compiled form: the law is checked.
#[doc(hidden)]
pub trait HasCompiledForm {
    fn check(&self, options: &Options);
}

impl<B, C> HasCompiledForm for &Compiled<B, B::Data, C>
where
    C: Batched + CompiledContext,
    B: Testable<C> + Lower<C>,
    B::Data: Compilable,
{
    fn check(&self, options: &Options) {
        let tolerance = options.tolerance(DType::F32);
        let agrees = compiled_agrees(&self.bijection, &self.data, &self.context, tolerance);
        if let Err(violation) = agrees {
            panic!("{violation}");
        }
    }
}

/// A bijection without: the compiler chooses this trait where the other is not implemented.
#[doc(hidden)]
pub trait HasNoCompiledForm {
    fn check(&self, options: &Options);
}

impl<B, D, C> HasNoCompiledForm for &&Compiled<B, D, C> {
    fn check(&self, _: &Options) {
        panic!(
            "{} has no compiled form: implement `thalweg_flow::Lower`, or skip `compiled_agrees` with the \
             reason",
            std::any::type_name::<B>()
        );
    }
}
