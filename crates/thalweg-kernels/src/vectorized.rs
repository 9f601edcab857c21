//! Loops compiled for several instruction sets, one of which is chosen when the program runs.

use std::sync::OnceLock;

use pulp::{Arch, NullaryFnOnce};

/// The environment variable that lowers the instruction set.
const VARIABLE: &str = "THALWEG_SIMD";

/// The instruction sets that kernels are compiled for, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SimdLevel {
    /// No vectors.
    Scalar,
    /// AVX2 with FMA; on other processors than x86-64, their own vectors.
    Avx2,
    /// AVX-512.
    Avx512,
}

impl SimdLevel {
    /// The level in use: the processor's highest, or a lower one that `THALWEG_SIMD` names (`scalar`,
    /// `avx2` or `avx512`). The variable is read once.
    ///
    /// Products by the library `gemm` choose their own instruction set.
    ///
    /// ```
    /// use thalweg_kernels::SimdLevel;
    ///
    /// # #[cfg(target_arch = "x86_64")]
    /// assert!(SimdLevel::current() < SimdLevel::Avx512 || is_x86_feature_detected!("avx512f"));
    /// ```
    ///
    /// # Panics
    ///
    /// When the variable has another value.
    pub fn current() -> Self {
        static LEVEL: OnceLock<SimdLevel> = OnceLock::new();
        *LEVEL.get_or_init(|| {
            let asked = std::env::var_os(VARIABLE);
            let asked = asked.as_ref().map(|value| value.to_string_lossy());
            Self::of_processor().lowered(asked.as_deref())
        })
    }

    #[cfg(target_arch = "x86_64")]
    fn of_processor() -> Self {
        match Arch::new() {
            Arch::V4(_) => Self::Avx512,
            Arch::V3(_) => Self::Avx2,
            _ => Self::Scalar,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn of_processor() -> Self {
        Self::Avx2
    }

    /// The lower one of this level and the one that is asked for.
    fn lowered(self, asked: Option<&str>) -> Self {
        match asked {
            None | Some("") => self,
            Some("scalar") => Self::Scalar,
            Some("avx2") => self.min(Self::Avx2),
            Some("avx512") => self,
            Some(other) => panic!("{VARIABLE} is {other:?}, not scalar, avx2 or avx512"),
        }
    }

    /// The dispatch of the vector library at this level, or at the processor's if that is lower.
    fn arch(self) -> Arch {
        match self {
            Self::Scalar => Arch::Scalar,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3),
            _ => Arch::new(),
        }
    }
}

/// The instruction set in use.
pub(crate) fn arch() -> Arch {
    static ARCH: OnceLock<Arch> = OnceLock::new();
    *ARCH.get_or_init(|| SimdLevel::current().arch())
}

/// Runs a closure with the widest vectors of the [level](SimdLevel::current) in use and the rounding
/// of fused multiplications and additions. For that to reach the loops, the closure is marked
/// `#[inline(always)]`, and so are its callees.
///
/// ```
/// let mut x = [1.0_f32, 2.0, 3.0];
/// thalweg_kernels::vectorized(
///     #[inline(always)]
///     || x.iter_mut().for_each(|x| *x = x.mul_add(2.0, 1.0)),
/// );
/// assert_eq!(x, [3.0, 5.0, 7.0]);
/// ```
#[inline(always)]
pub fn vectorized(work: impl FnMut()) {
    arch().dispatch(Work(work));
}

/// Called as `FnMut`: as `FnOnce`, a closure is called through a function of the compiler's that is
/// not inlined, which leaves the loops without vectors.
struct Work<F>(F);

impl<F: FnMut()> NullaryFnOnce for Work<F> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_only_lowers_the_level() {
        use SimdLevel::{Avx2, Avx512, Scalar};
        for processor in [Scalar, Avx2, Avx512] {
            assert_eq!(processor.lowered(None), processor);
            assert_eq!(processor.lowered(Some("avx512")), processor);
            assert_eq!(processor.lowered(Some("avx2")), processor.min(Avx2));
            assert_eq!(processor.lowered(Some("scalar")), Scalar);
        }
        assert!(SimdLevel::current() <= SimdLevel::of_processor());
        let scalar = matches!(arch(), Arch::Scalar);
        assert_eq!(scalar, SimdLevel::current() == Scalar);
    }

    #[test]
    #[should_panic(expected = "THALWEG_SIMD is \"sse\", not scalar, avx2 or avx512")]
    fn an_unknown_level_is_refused() {
        SimdLevel::Avx512.lowered(Some("sse"));
    }
}
