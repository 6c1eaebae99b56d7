#include <stdio.h>

#include "check.h"

static int told(const char *name, const char *wrong, unsigned long checked)
{
    if (wrong) {
        printf("%s: the vector \"%s\" does not fit\n", name, wrong);
        return 1;
    }
    printf("%s: %lu vectors fit\n", name, checked);
    return 0;
}

static int suite(const char *name, const struct sealkit_suite_vectors *vectors)
{
    unsigned long checked = 0;
    const char *wrong = sealkit_check_suite(vectors, &checked);
    return told(name, wrong, checked);
}

int main(void)
{
    unsigned long checked = 0;
    const char *wrong = sealkit_check_link(&checked);
    int failed = told("link", wrong, checked);
    failed |= suite("p256", &sealkit_vectors_p256);
    failed |= suite("sm2", &sealkit_vectors_sm2);
    return failed;
}
