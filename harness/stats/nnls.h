// nnls: least squares with coefficients that cannot be negative.
//
// min |A x - b|, x >= 0, by the active set method of Lawson and Hanson (Solving Least Squares
// Problems, 1974, chapter 23). Shapes: A is m x n, b has m rows, the result n. At the result the
// conditions of Kuhn and Tucker hold: with g = A^T (b - A x), g_i <= eps where x_i = 0 and |g_i| <=
// eps where x_i > 0. Robust: Huber weights on relative residuals, re-weighted until they settle.
#pragma once

#include <Eigen/Dense>

namespace iiifbench {

Eigen::VectorXd NonNegativeLeastSquares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b);

// Rows are scaled to 1 / |b_i| (relative residuals, at least `floor` of the median), then weighted
// by Huber with threshold 1.345 times the residuals' scale (median absolute deviation).
Eigen::VectorXd RobustNonNegativeLeastSquares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b,
                                              double floor = 0.05);
// The same with the rows' scales given: residual i counts as scale[i] * (b - A x)[i].
Eigen::VectorXd RobustNonNegativeLeastSquares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b,
                                              const Eigen::VectorXd& scale);

}  // namespace iiifbench
