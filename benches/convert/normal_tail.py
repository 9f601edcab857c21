from mpmath import mp, mpf, erfc, exp, cos, pi, log
mp.dps=40
K=mpf('3.75')
def F(t):
    # (1+2x) exp(x^2) erfc(x)
    if t==1: return 2/mp.sqrt(pi)
    x=K*(1+t)/(1-t)
    if x>1e3:
        s=mpf(0);term=mpf(1)
        for k in range(0,20):
            s+=term; term*=-(2*k+1)/(2*x*x)
        v=s/(x*mp.sqrt(pi))
    else: v=exp(x*x)*erfc(x)
    return (1+2*x)*v
N=60
nodes=[cos(pi*(j+mpf(1)/2)/N) for j in range(N)]
vals=[F(t) for t in nodes]
c=[2/mpf(N)*sum(vals[j]*cos(pi*k*(j+mpf(1)/2)/N) for j in range(N)) for k in range(N)]
c[0]/=2
for k in range(21): print(mp.nstr(c[k],17))
