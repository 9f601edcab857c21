//! What is saved is the whole layer.

use burn::module::{Module, ModuleVisitor, Param};
use burn::store::ModuleRecord;
use burn::tensor::Tensor;

use super::deterministic::same;
use super::outcome::Outcome;
use crate::violation::Site;
use crate::{Batched, Law, Testable, Violation};

/// A module that loads the record of `bijection` computes what `bijection` does, to the bit.
///
/// Pass as `other` a module built anew with the same configuration, and scrambled differently:
/// whatever the record forgets, such as a permutation that was drawn when the module was built,
/// then differs.
///
/// # Errors
///
/// Where the record cannot be written or read, where an output differs after loading, or where
/// the two modules have float parameters and yet agree before loading, which would prove nothing.
pub fn record_round_trip<C: Batched, B: Testable<C>>(
    bijection: &B,
    other: B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::RecordRoundTrip, data);
    let expected = Outcome::of(&site, bijection.forward(data.clone(), context))?;

    let before = Outcome::of(&site, other.forward(data.clone(), context))?;
    let alike = same(&site, "before loading", &expected, &before).is_ok();
    if alike && has_float_parameters(bijection) {
        return Err(site.violated(
            "a second module that differs before it loads the record",
            "the same outputs",
        ));
    }

    let loaded = bijection
        .clone()
        .into_record()
        .into_bytes()
        .and_then(ModuleRecord::from_bytes)
        .and_then(|record| other.try_load_record(record))
        .map_err(|error| site.violated("a record that can be loaded", error.to_string()))?;
    let found = Outcome::of(&site, loaded.forward(data.clone(), context))?;
    same(&site, "f(x) after loading the record", &expected, &found)
}

fn has_float_parameters<M: Module>(module: &M) -> bool {
    struct Any(bool);
    impl ModuleVisitor for Any {
        fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
            self.0 = true;
        }
    }
    let mut any = Any(false);
    module.visit(&mut any);
    any.0
}
