type Point = (f64, f64);

/// Cuts a line at its sharp turns, of more than a right angle in the picture.
///
/// A thick line through one is drawn with a pointed join, which at a narrow spike reaches far beyond the data.
pub(super) fn cut_at_sharp_turns(
    line: Vec<Point>,
    pixel: impl Fn(Point) -> (i32, i32),
) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for point in line {
        let Some(part) = parts.last_mut() else {
            parts.push(vec![point]);
            continue;
        };
        let end = part[part.len() - 1];
        let sharp =
            part.len() >= 2 && turns_back(pixel(part[part.len() - 2]), pixel(end), pixel(point));
        match sharp {
            true => parts.push(vec![end, point]),
            false => part.push(point),
        }
    }
    parts
}

/// Whether the way from `b` to `c` leads back towards `a`.
fn turns_back(a: (i32, i32), b: (i32, i32), c: (i32, i32)) -> bool {
    let step = |from: (i32, i32), to: (i32, i32)| [to.0 - from.0, to.1 - from.1].map(i64::from);
    let ([ax, ay], [bx, by]) = (step(a, b), step(b, c));
    ax * bx + ay * by < 0
}

#[cfg(test)]
mod tests {
    use super::cut_at_sharp_turns;

    #[test]
    fn a_spike_is_cut_at_its_point_and_a_bend_is_not() {
        let bend = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)];
        let spike = [(1.1, -9.0), (1.2, 1.0)];
        let line: Vec<_> = bend.into_iter().chain(spike).collect();
        let pixel = |(x, y): (f64, f64)| ((100.0 * x) as i32, (100.0 * y) as i32);
        let expected = vec![
            bend.to_vec(),
            vec![bend[2], spike[0]],
            vec![spike[0], spike[1]],
        ];
        assert_eq!(cut_at_sharp_turns(line, pixel), expected);
    }
}
