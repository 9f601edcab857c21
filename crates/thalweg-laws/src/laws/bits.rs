//! The same bits: of two calls, after a record, and from `initialize`.

use burn::module::{Module, ModuleVisitor, Param};
use burn::store::ModuleRecord;
use burn::tensor::Tensor;

use super::Outcome;
use crate::violation::Site;
use crate::{Batched, Law, Testable, Violation};

/// The same input gives the same bits twice, in both directions.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::deterministic(&layer, &x, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where a number changes between two calls.
pub fn deterministic<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::Deterministic, data);
    let (z, log_det) = bijection.forward(data.clone(), context);
    let first = Outcome::of(&site, (z.clone(), log_det))?;
    let second = Outcome::of(&site, bijection.forward(data.clone(), context))?;
    same(&site, "f(x) the second time", &first, &second)?;
    let first = Outcome::of(&site, bijection.inverse(z.clone(), context))?;
    let second = Outcome::of(&site, bijection.inverse(z, context))?;
    same(&site, "f⁻¹(z) the second time", &first, &second)
}

/// Fails unless both outcomes agree to the bit.
fn same(site: &Site, what: &str, first: &Outcome, second: &Outcome) -> Result<(), Violation> {
    site.close(what, &first.values, &second.values)?;
    let what = format!("log-determinant of {what}");
    site.close(&what, &first.log_det, &second.log_det)
}

/// A module that loads the record of `bijection` computes the same bits.
///
/// `other` is a new module of the same configuration with other parameters, so that a part missing from
/// the record, such as a drawn permutation, differs.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// let other = scramble(layer.clone(), 0.5);
/// laws::record_round_trip(&layer, other, &x, &())?;
/// // A copy shows nothing: it agrees before it is loaded.
/// assert!(laws::record_round_trip(&layer, layer.clone(), &x, &()).is_err());
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where the record cannot be written or read, where an output differs after loading, or where two
/// modules with float parameters agree before loading.
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

/// `initialize` returns the latents of the fitted layer for the same batch, to the bit, so that the next
/// layer is fitted to its true input.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::ActNorm;
/// use thalweg_laws::{Sample, laws, normal};
///
/// let device = Device::default();
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::initialization_passes_on(&ActNorm::<2>::new(3, &device), &x, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where the latents differ, or where the layer cannot be fitted to the data.
pub fn initialization_passes_on<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::InitializationPassesOn, data);
    let (fitted, z) = bijection
        .clone()
        .initialize(data.clone(), context)
        .map_err(|error| site.violated("a layer that can be fitted", error.to_string()))?;
    let (expected, log_det) = fitted.forward(data.clone(), context);
    let found = Outcome::of(&site, (z, log_det.clone()))?;
    let expected = Outcome::of(&site, (expected, log_det))?;
    same(
        &site,
        "the latents that initialize returns",
        &expected,
        &found,
    )
}
