//! The host's operations beside loops.

use super::*;

fn numbers(count: usize, step: usize) -> Vec<f32> {
    (0..count)
        .map(|i| ((i * step % 101) as f32) / 25.0 - 2.0)
        .collect()
}

fn assert_close(found: &[f32], wanted: &[f32]) {
    assert_eq!(found.len(), wanted.len());
    for (f, w) in found.iter().zip(wanted) {
        assert!((f - w).abs() <= 2e-6 * w.abs().max(1.0), "{f} for {w}");
    }
}

#[test]
fn products_are_those_of_loops() {
    for size @ [outputs, inputs, positions] in [[1, 1, 1], [4, 3, 5], [12, 12, 256], [48, 48, 16]] {
        let (weight, x) = (
            numbers(outputs * inputs, 37),
            numbers(inputs * positions, 53),
        );
        let shift = numbers(outputs, 11);
        let mut found = vec![f32::NAN; outputs * positions];
        mix_channels(&weight, &x, &shift, &mut found);
        let mut wanted: Vec<f32> = shift.iter().flat_map(|b| vec![*b; positions]).collect();
        plain::add_product(&mut wanted, [&weight, &x], size);
        assert_close(&found, &wanted);
    }
}

#[test]
#[should_panic(expected = "6 weights and 2 shifts for 4 numbers to 4")]
fn sizes_that_do_not_fit_are_refused() {
    mix_channels(&[0.0; 6], &[0.0; 4], &[0.0; 2], &mut [0.0; 4]);
}
