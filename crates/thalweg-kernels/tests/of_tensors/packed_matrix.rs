//! Products of one vector and a packed matrix.

use thalweg_kernels::PackedMatrix;

/// Few inputs and many, outputs that fill registers and strips and that do not, and rows of zeros.
#[test]
fn products_are_those_of_the_definition() {
    let sizes = [1, 3, 15, 16, 17, 48, 63, 64, 65, 127, 128, 129, 300];
    for (inputs, outputs) in [0, 1, 5, 127, 128, 129, 300]
        .into_iter()
        .flat_map(|inputs| sizes.map(|outputs| (inputs, outputs)))
    {
        let weight = |input: usize, output: usize| ((input * 31 + output * 17) as f32).sin();
        let matrix = PackedMatrix::new([inputs, outputs], weight);
        assert_eq!(matrix.sizes(), [inputs, outputs]);
        let x = |input: usize| ((input * 7) as f32).cos().max(0.0);
        let mut y: Vec<f32> = (0..outputs).map(|output| output as f32).collect();
        matrix.add(&(0..inputs).map(x).collect::<Vec<_>>(), &mut y);
        for (output, found) in y.into_iter().enumerate() {
            let product = |sum: f32, input: usize| x(input).mul_add(weight(input, output), sum);
            let wanted = (0..inputs).fold(output as f32, product);
            assert_eq!(found, wanted, "{inputs} × {outputs}");
        }
    }
}

/// A row that an input of 0 stands before is not read, so that it matters to no sum; NaN reaches all sums.
#[test]
fn zeros_leave_rows_out() {
    let weight = |input: usize, _: usize| if input == 1 { f32::INFINITY } else { 1.0 };
    let matrix = PackedMatrix::new([3, 20], weight);
    let mut y = [0.0; 20];
    matrix.add(&[2.0, 0.0, 3.0], &mut y);
    assert_eq!(y, [5.0; 20]);
    matrix.add(&[f32::NAN, 0.0, 0.0], &mut y);
    assert!(y.iter().all(|y| y.is_nan()));
}

#[test]
#[should_panic(expected = "a matrix of 2 inputs and 3 outputs got 2 and 4")]
fn outputs_of_another_length_are_refused() {
    PackedMatrix::new([2, 3], |_, _| 1.0).add(&[1.0, 2.0], &mut [0.0; 4]);
}
