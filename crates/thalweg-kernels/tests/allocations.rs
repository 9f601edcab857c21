//! A packed network runs a few rows without memory of its own.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use burn::tensor::Tensor;
use thalweg_device::resolve;
use thalweg_kernels::{Activation, Dense, PackedDense};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is the system allocator's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_few_rows_allocate_nothing() {
    let device = resolve("flex").expect("a feature of the tests").device;
    for widths in [[1, 128, 128, 2], [43, 100, 100, 1], [2, 3, 5, 300]] {
        let layers = widths.windows(2).map(|pair| Dense {
            weight: Tensor::ones([pair[0], pair[1]], &device),
            bias: Some(Tensor::zeros([pair[1]], &device)),
        });
        let packed = PackedDense::new(layers.collect(), Activation::Silu, None);
        let [inputs, outputs] = packed.sizes();
        for rows in [1, 4] {
            let (x, mut y) = (vec![0.5; rows * inputs], vec![0.0; rows * outputs]);
            let mut scratch = vec![0.0; packed.scratch(rows)];
            // The first call reads the instruction set.
            packed.apply(&x, &mut scratch, &mut y);
            let before = ALLOCATIONS.get();
            packed.apply(&x, &mut scratch, &mut y);
            assert_eq!(ALLOCATIONS.get(), before, "{rows} rows, {widths:?}");
        }
    }
}
