//! The names of the laws.

use std::fmt;
use std::str::FromStr;

/// One property that every bijection must have; each has a function of the same name in
/// [`laws`](crate::laws).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Law {
    /// `f⁻¹(f(x)) = x`.
    RoundTripFromData,
    /// `f(f⁻¹(z)) = z`.
    RoundTripFromLatent,
    /// `ln |det ∂f/∂x| + ln |det ∂f⁻¹/∂z| = 0`.
    LogDetsCancel,
    /// The log-determinant is the one of the Jacobian that autodiff finds.
    LogDetIsJacobian,
    /// The log-determinant has the shape `[batch]`.
    LogDetHasBatchShape,
    /// The log-determinants differ from zero, unless the volume is declared to be preserved.
    VolumeAsDeclared,
    /// Row `i` of the output depends on row `i` of the input alone.
    BatchRowsIndependent,
    /// The output has the dtype and the device of the input.
    DtypeAndDeviceKept,
    /// Every trainable parameter receives a gradient.
    EveryParameterHasGradient,
    /// Going back layer by layer without a tape gives the gradients that autodiff gives.
    GradientsWithoutTape,
    /// A module that loads the record of another one computes the same bits.
    RecordRoundTrip,
    /// The same input gives the same bits twice.
    Deterministic,
    /// Inputs near the edges of the domain give finite numbers.
    FiniteAtTheEdges,
    /// What `initialize` hands to the next layer is what the fitted layer gives.
    InitializationPassesOn,
    /// Another context gives other latents.
    ContextMatters,
    /// Every number of the dtype gives numbers, or `−∞` as a log-determinant, and no gradient of NaN.
    TotalOnFiniteInputs,
    /// Data, latents and contexts of other shapes panic, with both shapes named.
    RefusesOtherShapes,
    /// A batch without rows goes through both ways, and so does its gradient.
    EmptyBatch,
    /// The compiled form computes what the tensors compute, both ways, in batches of one and of many.
    ///
    /// Only types say which bijections have such a form, so
    /// [`bijection_laws!`](crate::bijection_laws) checks this law and [`check_all`](crate::check_all) does
    /// not.
    CompiledAgrees,
}

impl Law {
    /// Every law that [`check_all`](crate::check_all) checks, in its order.
    pub const ALL: [Self; 18] = [
        Self::LogDetHasBatchShape,
        Self::DtypeAndDeviceKept,
        Self::Deterministic,
        Self::RoundTripFromData,
        Self::RoundTripFromLatent,
        Self::LogDetsCancel,
        Self::BatchRowsIndependent,
        Self::LogDetIsJacobian,
        Self::VolumeAsDeclared,
        Self::EveryParameterHasGradient,
        Self::GradientsWithoutTape,
        Self::RecordRoundTrip,
        Self::FiniteAtTheEdges,
        Self::InitializationPassesOn,
        Self::ContextMatters,
        Self::TotalOnFiniteInputs,
        Self::RefusesOtherShapes,
        Self::EmptyBatch,
    ];

    /// The name of the law's function and test, e.g. `log_det_is_jacobian`.
    ///
    /// ```
    /// assert_eq!(thalweg_laws::Law::LogDetIsJacobian.name(), "log_det_is_jacobian");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::RoundTripFromData => "round_trip_from_data",
            Self::RoundTripFromLatent => "round_trip_from_latent",
            Self::LogDetsCancel => "log_dets_cancel",
            Self::LogDetIsJacobian => "log_det_is_jacobian",
            Self::LogDetHasBatchShape => "log_det_has_batch_shape",
            Self::VolumeAsDeclared => "volume_as_declared",
            Self::BatchRowsIndependent => "batch_rows_independent",
            Self::DtypeAndDeviceKept => "dtype_and_device_kept",
            Self::EveryParameterHasGradient => "every_parameter_has_gradient",
            Self::GradientsWithoutTape => "gradients_without_tape",
            Self::RecordRoundTrip => "record_round_trip",
            Self::Deterministic => "deterministic",
            Self::FiniteAtTheEdges => "finite_at_the_edges",
            Self::InitializationPassesOn => "initialization_passes_on",
            Self::ContextMatters => "context_matters",
            Self::TotalOnFiniteInputs => "total_on_finite_inputs",
            Self::RefusesOtherShapes => "refuses_other_shapes",
            Self::EmptyBatch => "empty_batch",
            Self::CompiledAgrees => "compiled_agrees",
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that is the name of no law.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no law is called {name:?}; the laws are {} and compiled_agrees", Law::ALL.map(Law::name).join(", "))]
pub struct UnknownLaw {
    /// The text.
    pub name: String,
}

impl FromStr for Law {
    type Err = UnknownLaw;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .chain([Self::CompiledAgrees])
            .find(|law| law.name() == name)
            .ok_or_else(|| UnknownLaw { name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_the_law() {
        for law in Law::ALL.into_iter().chain([Law::CompiledAgrees]) {
            assert_eq!(law.name().parse(), Ok(law));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let message = "round_trap".parse::<Law>().unwrap_err().to_string();
        assert!(message.contains("round_trap") && message.contains("deterministic"));
    }
}
