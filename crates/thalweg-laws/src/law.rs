//! The names of the laws.

use std::fmt;
use std::str::FromStr;

macro_rules! laws {
    ($($(#[$doc:meta])+ $law:ident: $name:ident,)+) => {
        /// A property of every bijection; each has a function of the same name in
        /// [`laws`](crate::laws).
        ///
        /// See [`check_all`](crate::check_all) and [`run_law`](crate::run_law) for an example.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Law {
            $($(#[$doc])+ $law,)+
        }

        impl Law {
            /// Every law, in the order of [`check_all`](crate::check_all).
            pub const ALL: [Self; [$(Self::$law),+].len()] = [$(Self::$law),+];

            /// The name of the law's function and test, e.g. `log_det_is_jacobian`.
            ///
            /// ```
            /// use thalweg_laws::Law;
            ///
            /// assert_eq!(Law::LogDetIsJacobian.name(), "log_det_is_jacobian");
            /// assert!(Law::ALL.iter().all(|law| law.name().parse() == Ok(*law)));
            /// ```
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$law => stringify!($name),)+
                }
            }
        }

        /// Laws by their names, for macros: an unknown name does not compile.
        #[allow(non_upper_case_globals)]
        impl Law {
            $(#[doc(hidden)] pub const $name: Self = Self::$law;)+
        }
    };
}

laws! {
    /// The log-determinant has the shape `[batch]`.
    LogDetHasBatchShape: log_det_has_batch_shape,
    /// The output has the dtype and the device of the input.
    DtypeAndDeviceKept: dtype_and_device_kept,
    /// The same input gives the same bits twice.
    Deterministic: deterministic,
    /// `f⁻¹(f(x)) = x`.
    RoundTripFromData: round_trip_from_data,
    /// `f(f⁻¹(z)) = z`.
    RoundTripFromLatent: round_trip_from_latent,
    /// `ln |det ∂f/∂x| + ln |det ∂f⁻¹/∂z| = 0`.
    LogDetsCancel: log_dets_cancel,
    /// Row `i` of the output depends on row `i` of the input alone.
    BatchRowsIndependent: batch_rows_independent,
    /// The log-determinant is that of the Jacobian by autodiff.
    LogDetIsJacobian: log_det_is_jacobian,
    /// The log-determinants differ from zero, unless the volume is declared to be preserved.
    VolumeAsDeclared: volume_as_declared,
    /// Every trainable parameter receives a gradient.
    EveryParameterHasGradient: every_parameter_has_gradient,
    /// The backward pass without a tape gives the gradients of autodiff.
    GradientsWithoutTape: gradients_without_tape,
    /// A module that loads the record of another computes the same bits.
    RecordRoundTrip: record_round_trip,
    /// Inputs near the edges of the domain give finite numbers.
    FiniteAtTheEdges: finite_at_the_edges,
    /// `initialize` returns the latents of the fitted layer.
    InitializationPassesOn: initialization_passes_on,
    /// Another context gives other latents.
    ContextMatters: context_matters,
    /// Finite inputs give numbers, or `−∞` as a log-determinant, and no gradient of NaN.
    TotalOnFiniteInputs: total_on_finite_inputs,
    /// Data, latents and contexts of other shapes panic, and the message names both shapes.
    RefusesOtherShapes: refuses_other_shapes,
    /// A batch without rows passes in both directions, and so does its gradient.
    EmptyBatch: empty_batch,
    /// The compiled form computes the numbers of the tensors, in both directions, for one sample and for many.
    ///
    /// Only types tell which bijections have such a form, so [`bijection_laws!`](crate::bijection_laws) checks
    /// this law and [`check_all`](crate::check_all) does not.
    CompiledAgrees: compiled_agrees,
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that is not the name of a law.
///
/// ```
/// use thalweg_laws::Law;
///
/// assert_eq!("log_dets_cancel".parse::<Law>()?, Law::LogDetsCancel);
/// assert_eq!("log_dets_agree".parse::<Law>().unwrap_err().name, "log_dets_agree");
/// # Ok::<(), thalweg_laws::UnknownLaw>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no law is called {name:?}; the laws are {}", Law::ALL.map(Law::name).join(", "))]
pub struct UnknownLaw {
    /// The text.
    pub name: String,
}

impl FromStr for Law {
    type Err = UnknownLaw;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|law| law.name() == name)
            .ok_or_else(|| UnknownLaw { name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_the_law() {
        for law in Law::ALL {
            assert_eq!(law.name().parse(), Ok(law));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let message = "round_trap".parse::<Law>().unwrap_err().to_string();
        assert!(message.contains("round_trap") && message.contains("deterministic"));
    }
}
