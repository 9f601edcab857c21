//! The vectors that tiles are made of, on processors that have them.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};

    pub(in super::super) use pulp::x86::{V3 as Short, V4 as Long};

    /// Sixteen numbers, AVX-512.
    pub(in super::super) fn long() -> Option<Long> {
        Long::try_new()
    }

    /// Eight.
    pub(in super::super) fn short(long: Long) -> Short {
        *long
    }

    /// Asks for a line of memory; at an address where there is none, nothing happens.
    #[inline(always)]
    pub(in super::super) fn fetch(at: *const f32) {
        // SAFETY: it reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(at.cast()) };
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Short, fetch, long, short};

#[cfg(not(target_arch = "x86_64"))]
mod others {
    pub(in super::super) use pulp::{Scalar as Short, Scalar as Long};

    pub(in super::super) fn long() -> Option<Long> {
        None
    }

    pub(in super::super) fn short(long: Long) -> Short {
        long
    }

    pub(in super::super) fn fetch(_: *const f32) {}
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) use others::{Short, fetch, long, short};
