//! Each law of rules bites: the law that should catch a planted bug does, and its twin without a
//! bug passes all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_optim::laws::RuleLaw::{
    Deterministic, FiniteForLargeGradients, FusedEqualsTensors, MemoryRoundTrip, ShapeAndTypeKept,
};
use thalweg_optim::laws::{RuleLaw, check_all};
use thalweg_optim::{Memory, Operand, Rule, Update};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Bug {
    None,
    /// The tensor operations have another sign.
    OtherTensors,
    /// A count of its own in place of the number of the step.
    HiddenCount,
    /// A count that all copies share.
    SharedCount,
    /// A fourth power that nobody announced.
    Overflow,
    /// An average in another type.
    OtherType,
}

/// `m ← (m + g)/2`, `d = m/t` at step `t`.
#[derive(Debug)]
struct Planted {
    bug: Bug,
    hidden: AtomicU64,
    shared: Arc<AtomicU64>,
}

impl Clone for Planted {
    fn clone(&self) -> Self {
        Self {
            bug: self.bug,
            hidden: AtomicU64::new(self.hidden.load(Ordering::Relaxed)),
            shared: self.shared.clone(),
        }
    }
}

impl Rule for Planted {
    const AVERAGES: usize = 1;

    fn update<N: Operand>(&self, step: u64) -> impl Update<N> {
        let step = match self.bug {
            Bug::HiddenCount => self.hidden.fetch_add(1, Ordering::Relaxed) + 1,
            Bug::SharedCount => self.shared.fetch_add(1, Ordering::Relaxed) + 1,
            _ => step,
        };
        let (half, rate) = (N::constant(0.5), N::constant(1.0 / step as f64));
        let overflow = self.bug == Bug::Overflow;
        move |_: N, g: N, [mean, _]: [&mut N; 2]| {
            *mean = (mean.clone() + g.clone()) * half;
            match overflow {
                true => mean.clone() * rate + g.clone().square() - g.square(),
                false => mean.clone() * rate,
            }
        }
    }

    fn direction<const D: usize>(
        &self,
        memory: &Memory<D>,
        theta: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        let steps = memory.steps + 1;
        let before = memory.averages.first().cloned();
        let mut mean = before
            .unwrap_or_else(|| theta.zeros_like())
            .cast(theta.dtype());
        let mut unused = theta.clone();
        let direction = self.update(steps)(theta.clone(), gradient, [&mut mean, &mut unused]);
        let direction = match self.bug {
            Bug::OtherTensors => direction.neg(),
            _ => direction,
        };
        let mean = match (self.bug, mean.dtype()) {
            (Bug::OtherType, DType::F64) => mean.cast(DType::F32),
            (Bug::OtherType, _) => mean.cast(DType::F64),
            _ => mean,
        };
        let averages = vec![mean];
        (direction, Memory { averages, steps })
    }
}

/// The laws that a bug breaks.
fn broken(bug: Bug, device: &Device, dtype: DType) -> Vec<RuleLaw> {
    let found = RuleLaw::ALL.into_iter().filter_map(|law| {
        let broken = law.check(&planted(bug), device, dtype).err()?;
        assert_eq!(broken.law, law, "{broken}");
        Some(law)
    });
    found.collect()
}

fn planted(bug: Bug) -> Planted {
    Planted {
        bug,
        hidden: AtomicU64::new(0),
        shared: Arc::default(),
    }
}

#[test]
fn each_bug_is_caught_by_its_law() {
    for device in cpu_devices() {
        for dtype in [DType::F32, DType::F64] {
            let broken = |bug| broken(bug, &device, dtype);
            assert!(broken(Bug::None).is_empty(), "{:?}", broken(Bug::None));
            assert_eq!(broken(Bug::OtherTensors), [FusedEqualsTensors]);
            assert!(broken(Bug::HiddenCount).contains(&MemoryRoundTrip));
            assert!(!broken(Bug::HiddenCount).contains(&Deterministic));
            assert!(broken(Bug::SharedCount).contains(&Deterministic));
            assert_eq!(broken(Bug::Overflow), [FiniteForLargeGradients]);
            assert!(broken(Bug::OtherType).contains(&ShapeAndTypeKept));
        }
    }
}

#[test]
fn the_first_broken_law_is_named() {
    let error = check_all(&planted(Bug::OtherTensors), &Device::default()).expect_err("a bug");
    let message = error.to_string();
    assert!(
        message.starts_with("FusedEqualsTensors: Planted"),
        "{message}"
    );
}
