// A machine whose kernel can't tell TCP ports apart: linked into a second renki, for the test that this is said.
int __wrap_sandbox_landlock_abi(void); // NOLINT: the linker's name

int __wrap_sandbox_landlock_abi(void) // NOLINT
{
    return 3;
}
