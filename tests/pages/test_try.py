import time
def test_it(visit, worker):
    for kw in [{}, {"techniques": "float32,int8,float16"}]:
        t=time.time(); at = visit(**kw); print("RUN", time.time()-t)
        print(at.exception, len(at.dataframe), len(at.main))
        print([d.value.shape for d in at.dataframe])
        print(worker.steps(), len(worker.asked))
    for e in at.main: print(type(e).__name__, getattr(e,'value',None) if not hasattr(e,'children') else '')
    print({type(x).__name__ + ":" + x.type for x in at})
    print(at.query_params, at.title, at.header)
    t=time.time(); at = visit("boards", model="sine", techniques="float32,int8"); print("RUN", time.time()-t)
    print(at.exception, at.query_params, at.header)
