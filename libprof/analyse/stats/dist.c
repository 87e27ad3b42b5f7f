#include "libprof/analyse/stats/dist.h"

#include <math.h>

#define SQRT_HALF 0.70710678118654752440
#define SQRT_TWO_PI 2.50662827463100050242

double prof_normal_cdf(double z)
{
	return 0.5 * erfc(-z * SQRT_HALF);
}

static double polynomial(const double *c, int n, double x)
{
	double y = 0;

	for (int i = 0; i < n; i++)
		y = y * x + c[i];
	return y;
}

double prof_normal_quantile(double p)
{
	static const double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,
		-2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01,
		2.506628277459239e+00};
	static const double b[] = {-5.447609879822406e+01, 1.615858368580409e+02,
		-1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01, 1};
	static const double c[] = {-7.784894002430293e-03, -3.223964580411365e-01,
		-2.400758277161838e+00, -2.549732539343734e+00, 4.374664141464968e+00,
		2.938163982698783e+00};
	static const double d[] = {7.784695709041462e-03, 3.224671290700398e-01,
		2.445134137142996e+00, 3.754408661907416e+00, 1};
	double tail = p < 0.5 ? p : 1 - p, z, q, u;

	if (tail < 0.02425) {
		q = sqrt(-2 * log(tail));
		z = polynomial(c, 6, q) / polynomial(d, 5, q);
		z = p < 0.5 ? z : -z;
	} else {
		q = p - 0.5;
		z = q * polynomial(a, 6, q * q) / polynomial(b, 6, q * q);
	}
	u = (prof_normal_cdf(z) - p) * SQRT_TWO_PI * exp(z * z / 2);
	return z - u / (1 + z * u / 2);
}

static double no_zero(double v)
{
	return fabs(v) < 1e-300 ? 1e-300 : v;
}

/* Converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / no_zero(1 - (a + b) * x / (a + 1)), h = d;

	for (int m = 1; m <= 10000; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double step;

		d = 1 / no_zero(1 + even * d);
		c = no_zero(1 + even / c);
		h *= d * c;
		d = 1 / no_zero(1 + odd * d);
		c = no_zero(1 + odd / c);
		step = d * c;
		h *= step;
		if (fabs(step - 1) < 1e-14)
			break;
	}
	return h;
}

double prof_beta_inc(double a, double b, double x)
{
	double front;

	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double prof_t_cdf(double t, double df)
{
	double tail;

	if (!isfinite(df) || df > 1e6)
		return prof_normal_cdf(t);
	tail = 0.5 * prof_beta_inc(df / 2, 0.5, df / (df + t * t));
	return t < 0 ? tail : 1 - tail;
}

/* By bisection on the lower half, where the tail keeps its digits. */
double prof_t_quantile(double p, double df)
{
	double low = -1, high = 0, tail = p < 0.5 ? p : 1 - p;

	if (!isfinite(df) || df > 1e6)
		return prof_normal_quantile(p);
	while (prof_t_cdf(low, df) > tail && low > -1e100)
		low *= 2;
	for (int i = 0; i < 200 && high - low > 1e-13 * -low; i++) {
		double mid = (low + high) / 2;

		if (prof_t_cdf(mid, df) > tail)
			high = mid;
		else
			low = mid;
	}
	return p < 0.5 ? low : -low;
}

double prof_binomial_midp(int x, int n, double p)
{
	double below = 0, above = 0, at = 0, smaller;

	for (int k = 0; k <= n; k++) {
		double term = exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) +
				  k * log(p) + (n - k) * log1p(-p));

		if (k < x)
			below += term;
		else if (k > x)
			above += term;
		else
			at = term;
	}
	smaller = (below < above ? below : above) + at / 2;
	return smaller >= 0.5 ? 1 : 2 * smaller;
}
