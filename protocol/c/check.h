/* Tries sealkit.h on the vectors. */

#ifndef SEALKIT_CHECK_H
#define SEALKIT_CHECK_H

#include "sealkit_vectors.h"

/* What of these does not fit, and the vector that shows it; 0 if all fits. checked: how many
 * vectors were looked at. They use neither library nor heap, so they run on the chip as well. */
const char *sealkit_check_link(unsigned long *checked);
const char *sealkit_check_suite(const struct sealkit_suite_vectors *vectors, unsigned long *checked);

#endif
