import signal
import sys

if __name__ == "__main__":  # and not in a process that serves, which imports this module, too
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while nothing runs yet that would have to be stopped
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # the Makefile has let it wait
    from todoproject.development.run import main

    sys.exit(main())
